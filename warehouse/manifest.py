"""Manifests of finished step folders, and whether the shards they name are intact."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from warehouse.errors import DamagedShard, WarehouseError

NAME = "manifest.json"


class Shard(BaseModel):
    """One file of a unit; ``table`` is None for tensors and model files."""

    model_config = ConfigDict(frozen=True)

    path: str  # relative to the step folder
    table: str | None
    rows: int | None
    bytes: int
    sha256: str


class TableShard(NamedTuple):
    """A shard that feeds a table, the step that made it, and the number of its rows."""

    table: str
    step_key: str
    path: Path
    rows: int


class Unit(BaseModel):
    """A unit of work with its shards, the seconds it took and the time it was committed."""

    model_config = ConfigDict(frozen=True)

    unit: str
    shards: tuple[Shard, ...]
    seconds: float
    committed: datetime


class Manifest(BaseModel):
    """What a step says it made. ``info`` is for the steps; of it, the warehouse reads the layer alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: Path
    step: str
    key: str
    units: tuple[Unit, ...]
    reads: tuple[str, ...] | None = None  # names of the step folders that it read; None: it does not say
    info: dict[str, Any] = {}

    @property
    def layer(self) -> int | None:
        """The layer that the step is about, if it is about one."""
        found = self.info.get("layer")
        return found if isinstance(found, int) else None

    @property
    def tables(self) -> set[str]:
        """Tables that its shards feed."""
        return {shard.table for shard in self.table_shards()}

    def table_shards(self) -> list[TableShard]:
        """Every shard that feeds a table, in unit order."""
        shards = (shard for unit in self.units for shard in unit.shards)
        return [
            TableShard(shard.table, self.key, self.folder / shard.path, shard.rows or 0)
            for shard in shards
            if shard.table
        ]

    def ledger(self) -> list[dict[str, Any]]:
        """Rows of ``work_unit``, one a shard."""
        return [self._ledger_row(unit, shard) for unit in self.units for shard in unit.shards]

    def _ledger_row(self, unit: Unit, shard: Shard) -> dict[str, Any]:
        return {
            "step": self.step,
            "step_key": self.key,
            "unit": unit.unit,
            "path": f"{self.folder.name}/{shard.path}",
            "table_name": shard.table,
            "n_rows": shard.rows,
            "n_bytes": shard.bytes,
            "sha256": shard.sha256,
            "seconds": unit.seconds,
            "committed": unit.committed.astimezone(UTC).replace(tzinfo=None),
        }


def ledger(manifests: list[Manifest]) -> dict[str, str]:
    """SHA-256 of every shard by its path below the runs folder."""
    return {row["path"]: row["sha256"] for manifest in manifests for row in manifest.ledger()}


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a step folder. Raises WarehouseError if the step is unfinished or wrote nonsense."""
    path = folder / NAME
    if not path.exists():
        raise WarehouseError(f"{folder} is not finished (no {NAME}): run the study again to complete it")
    try:
        return Manifest.model_validate({"folder": folder, **json.loads(path.read_text())})
    except ValueError as error:
        raise WarehouseError(f"{path} is no manifest: delete the folder and run the study again") from error


def verify(manifest: Manifest) -> None:
    """Hash every shard that feeds a table. Raises DamagedShard, naming the first that is not as promised."""
    for unit in manifest.units:
        for shard in unit.shards:
            if shard.table and not _intact(manifest.folder / shard.path, shard):
                raise DamagedShard(
                    f"shard {manifest.folder / shard.path} of table {shard.table} is missing, truncated or altered: "
                    "run the study again, the unit will be made anew"
                )


def _intact(path: Path, shard: Shard) -> bool:
    if not path.exists() or path.stat().st_size != shard.bytes:
        return False
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == shard.sha256
