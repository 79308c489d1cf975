"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock; remove what dead processes left.
2. Verify the shards of every manifest. The same run with the same shards is published already; with others, refused.
3. Keep the run's record, for restoring. Load the run into a staging file of its own, and audit that file.
4. What passed is promoted in one transaction; of what failed, only the report is.
5. Copy the warehouse to the snapshot by rename. A process that dies between 4 and 5 does 5 when run again.
"""

import shutil
import time
from pathlib import Path
from typing import Any

from warehouse.audit import Notify, audit, ignore_progress
from warehouse.contract import contracts
from warehouse.errors import FailedChecks, RunConflict
from warehouse.files import remove_database, replace_by_copy, writer, writer_lock
from warehouse.home import restoring_home, snapshot_path, staging_path, warehouse_folder, writer_path
from warehouse.load import insert_rows, stage
from warehouse.manifest import Manifest, ledger, read_manifest, verify
from warehouse.promote import ledger_of_run, promote, publish_snapshot
from warehouse.reading import PublishReport, is_published, published_run
from warehouse.refusal import TABLES as REFUSAL_TABLES
from warehouse.refusal import failure, refusal_row
from warehouse.run_record import record_path, write_record
from warehouse.scratch import remove_abandoned


def publish_run(
    home: Path, run: dict[str, Any], folders: list[Path], notify: Notify = ignore_progress
) -> PublishReport:
    """Load, audit and publish a run: ``run`` is its row of table ``run``, ``folders`` its finished step folders.

    ``notify(what, done, total)`` is called as the work goes on.
    Raises WarehouseError or one of its kinds: WarehouseLocked, DamagedShard, ContractMismatch, RunConflict,
    FailedChecks, AuditBroken, OutOfSpace. Whatever is raised, the published snapshot is the old one, whole;
    after FailedChecks it has the report as well.
    """
    started = time.monotonic()
    manifests = [read_manifest(folder) for folder in folders]
    with writer_lock(home):
        remove_leftovers(home)
        _recover_writer(home)
        for manifest in manifests:
            verify(manifest)
        already = _is_loaded(home, run["run_id"], manifests)
        if not (already and record_path(home, run["run_id"]).exists()):
            write_record(home, run, manifests)
        if not already:
            _load_or_report(home, run, manifests, notify)
        if not is_published(home, run["run_id"]):
            publish_snapshot(home)
    rows, results = published_run(home, run["run_id"])
    return PublishReport(run["run_id"], rows, results, already, snapshot_path(home), time.monotonic() - started)


def remove_leftovers(home: Path) -> None:
    """Delete staging files, unfinished restores and folders of dead readers: the writer's lock is ours."""
    for path in warehouse_folder(home).glob("staging-*.duckdb"):
        remove_database(path)
    shutil.rmtree(restoring_home(home), ignore_errors=True)
    remove_abandoned(warehouse_folder(home))


def _recover_writer(home: Path) -> None:
    """The snapshot is a copy of the writer's file: if that is gone, the copy stands in, lest its runs be lost."""
    if snapshot_path(home).exists() and not writer_path(home).exists():
        remove_database(writer_path(home))
        replace_by_copy(snapshot_path(home), writer_path(home))


def _is_loaded(home: Path, run_id: str, manifests: list[Manifest]) -> bool:
    loaded, offered = ledger_of_run(home, run_id), ledger(run_id, manifests)
    if loaded and loaded != offered:
        path = min(path for path, _ in loaded.items() ^ offered.items())
        raise RunConflict(
            f"run {run_id} is published with other shards (for one, {path}): the same study gave other bytes. "
            f"Restore the old step folders, or move {warehouse_folder(home)} away to publish anew"
        )
    return bool(loaded)


def _load_or_report(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    try:
        load_run(home, run, manifests, notify)
    except FailedChecks:
        publish_snapshot(home)
        raise


def load_run(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    """Stage, audit and promote a run, without a snapshot: the caller holds the writer's lock.

    Of a run that fails its audit the report is promoted and FailedChecks raised.
    """
    staging = staging_path(home, run["run_id"])
    try:
        with writer(staging) as con:
            stage(con, run, manifests)
        results = audit(staging, contracts(), notify)
        failed = [result for result in results if not result.success]
        with writer(staging) as con:
            insert_rows(con, "quality_result", [result.row(run["run_id"]) for result in results])
            insert_rows(con, "refused_run", [refusal_row(run, failed)] if failed else [])
        promote(home, staging, REFUSAL_TABLES if failed else contracts())
    finally:
        remove_database(staging)
    if failed:
        raise failure(run["run_id"], results)
