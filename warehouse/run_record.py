"""Run records: ``runs/run-<run_id>.json``, from which, with the shards beside it, the warehouse can be rebuilt.

A record holds a run's row of table ``run``, its step folders and a hash of all their shards. It is written before the
run is loaded, so that whatever is in the warehouse has one.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from warehouse.contracts.contract import contracts
from warehouse.errors import DamagedShard, NoWarehouse
from warehouse.files import write_text
from warehouse.home import runs_folder
from warehouse.manifest import Manifest, ledger, read_manifest, verify


class RunRecord(BaseModel):
    """One run as it was handed to publishing. ``folders`` are relative to the runs folder."""

    model_config = ConfigDict(frozen=True)

    run: dict[str, Any]
    folders: tuple[str, ...]
    shards_sha256: str
    analyses: tuple[dict[str, Any], ...] = ()  # rows of run_analysis, without run_id

    @property
    def run_id(self) -> str:
        """Key of the run."""
        return str(self.run["run_id"])

    def row(self) -> dict[str, Any]:
        """The row of table ``run``."""
        times = {column.name for column in contracts()["run"].columns if column.type == "TIMESTAMP"}
        return {name: datetime.fromisoformat(value) if name in times else value for name, value in self.run.items()}

    def manifests(self, home: Path) -> list[Manifest]:
        """Manifests of the step folders, every shard verified.

        Raises WarehouseError or DamagedShard if a folder is gone or unfinished, or a shard is not as it was.
        """
        found = [read_manifest((runs_folder(home) / folder).resolve()) for folder in self.folders]
        for manifest in found:
            verify(manifest)
        if _hash(found) != self.shards_sha256:
            raise DamagedShard("its step folders hold other shards than were published: run the study again")
        return found


def write_record(
    home: Path, run: dict[str, Any], manifests: list[Manifest], analyses: Sequence[dict[str, Any]]
) -> None:
    """Keep what restoring needs of a run."""
    folders = tuple(os.path.relpath(manifest.folder, runs_folder(home)) for manifest in manifests)
    record = RunRecord(run=run, folders=folders, shards_sha256=_hash(manifests), analyses=tuple(analyses))
    write_text(record_path(home, run["run_id"]), record.model_dump_json(indent=1) + "\n")


def read_records(home: Path) -> list[RunRecord]:
    """All records, in the order in which the runs finished. Raises NoWarehouse if there are none."""
    records = [_read(path) for path in runs_folder(home).glob("run-*.json")]
    if not records:
        raise NoWarehouse(f"nothing to restore: no run was ever published from {runs_folder(home)}")
    return sorted(records, key=lambda record: (str(record.run["finished"]), record.run_id))


def record_path(home: Path, run_id: str) -> Path:
    """Where the record of a run is."""
    return runs_folder(home) / f"run-{run_id}.json"


def _read(path: Path) -> RunRecord:
    try:
        return RunRecord.model_validate_json(path.read_text())
    except (ValidationError, UnicodeDecodeError) as error:
        raise DamagedShard(f"{path} is no run record: delete it and run the study again") from error


def _hash(manifests: list[Manifest]) -> str:
    """SHA-256 of the paths and hashes of all shards."""
    text = json.dumps(ledger(manifests), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
