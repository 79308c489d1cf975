"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock; remove staging files, all of them left by dead processes.
2. Verify the shards of every manifest. The same run with the same shards is published already; with others, refused.
3. Load the run into a staging file of its own, and audit that file.
4. A failed audit leaves a report and nothing else. A passed one is promoted in one transaction.
5. Copy the warehouse to the snapshot by rename. A process that dies between 4 and 5 does 5 when run again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.contract import contracts
from warehouse.errors import RunConflict
from warehouse.files import remove_database, writer, writer_lock
from warehouse.home import snapshot_path, staging_path, warehouse_folder
from warehouse.load import stage
from warehouse.manifest import Manifest, read_manifest, verify
from warehouse.promote import holds_run, ledger_of_run, promote, publish_snapshot
from warehouse.sql import identifier, statement

Notify = Callable[[str], None]


@dataclass(frozen=True)
class PublishReport:
    """What publishing a run came to."""

    run_id: str
    rows: dict[str, int]  # by table
    already_published: bool
    snapshot: Path
    seconds: float


def publish_run(home: Path, run: dict[str, Any], folders: list[Path]) -> PublishReport:
    """Load, audit and publish a run: ``run`` is its row of table ``run``, ``folders`` its finished step folders.

    Raises WarehouseError or one of its kinds: WarehouseLocked, DamagedShard, ContractMismatch, RunConflict,
    FailedChecks, AuditBroken, OutOfSpace. Whatever is raised, the published snapshot is the old one, whole.
    """
    started = time.monotonic()
    manifests = [read_manifest(folder) for folder in folders]
    with writer_lock(home):
        for leftover in warehouse_folder(home).glob("staging-*"):
            remove_database(leftover)
        for manifest in manifests:
            verify(manifest)
        already = _is_loaded(home, run["run_id"], manifests)
        if not already:
            _load(home, run, manifests)
        snapshot = snapshot_path(home) if already and is_published(home, run["run_id"]) else publish_snapshot(home)
    return PublishReport(run["run_id"], _rows(snapshot, run["run_id"]), already, snapshot, time.monotonic() - started)


def is_published(home: Path, run_id: str) -> bool:
    """Whether readers of the snapshot see the run."""
    path = snapshot_path(home)
    return path.exists() and holds_run(path, run_id)


def _is_loaded(home: Path, run_id: str, manifests: list[Manifest]) -> bool:
    loaded = ledger_of_run(home, run_id)
    offered = {row["path"]: row["sha256"] for manifest in manifests for row in manifest.ledger(run_id)}
    if loaded and loaded != offered:
        path = min(path for path, _ in loaded.items() ^ offered.items())
        raise RunConflict(
            f"run {run_id} is published with other shards (for one, {path}): the same study gave other bytes. "
            f"Restore the old step folders, or move {warehouse_folder(home)} away to publish anew"
        )
    return bool(loaded)


def _load(home: Path, run: dict[str, Any], manifests: list[Manifest]) -> None:
    staging = staging_path(home, run["run_id"])
    try:
        with writer(staging) as con:
            stage(con, run, manifests)
        promote(home, staging)
    finally:
        remove_database(staging)


def _rows(snapshot: Path, run_id: str) -> dict[str, int]:
    with duckdb.connect(str(snapshot), read_only=True) as con:
        return {table: _count(con, table, run_id) for table in contracts()}


def _count(con: duckdb.DuckDBPyConnection, table: str, run_id: str) -> int:
    row = con.execute(statement("count_rows", table=identifier(table)), {"run_id": run_id}).fetchone()
    assert row is not None  # count(*) always gives one row
    return int(row[0])
