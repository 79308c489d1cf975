"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock; remove what dead processes left.
2. Verify the shards of every manifest. The same run with the same shards is published already; with others, refused.
3. Keep the run's record, for restoring. Load the run into a private copy of the published file, and audit it there.
4. If its rows pass, the copy takes the published file's place by rename; if not, only the report is published.
"""

import shutil
import time
from pathlib import Path
from typing import Any

from warehouse.audit import Notify, audit, ignore_progress
from warehouse.contracts.contract import contracts
from warehouse.errors import FailedChecks, RunConflict
from warehouse.files import remove_database, writer, writer_lock
from warehouse.home import restoring_home, snapshot_path, staging_path, warehouse_folder
from warehouse.load import insert_rows, load, loaded_tables
from warehouse.manifest import Manifest, ledger, read_manifest, verify
from warehouse.reading import PublishReport, is_published, ledger_of_run, published_run
from warehouse.refusal import failure, forget, refusal_row
from warehouse.run_record import record_path, write_record
from warehouse.scratch import remove_abandoned
from warehouse.snapshot import next_snapshot


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
        for manifest in manifests:
            verify(manifest)
        already = _is_loaded(home, run["run_id"], manifests)
        if not (already and record_path(home, run["run_id"]).exists()):
            write_record(home, run, manifests)
        if not already:
            load_run(home, run, manifests, notify)
        elif not is_published(home, run["run_id"]):  # by an older version of the program
            with next_snapshot(home):
                pass
    rows, results = published_run(home, run["run_id"])
    return PublishReport(run["run_id"], rows, results, already, snapshot_path(home), time.monotonic() - started)


def remove_leftovers(home: Path) -> None:
    """Delete the beginning of a snapshot, an unfinished restore, folders of dead readers: the writer's lock is ours."""
    remove_database(staging_path(home))
    shutil.rmtree(restoring_home(home), ignore_errors=True)
    remove_abandoned(warehouse_folder(home))


def _is_loaded(home: Path, run_id: str, manifests: list[Manifest]) -> bool:
    loaded, offered = ledger_of_run(home, run_id), ledger(run_id, manifests)
    if loaded and loaded != offered:
        path = min(path for path, _ in loaded.items() ^ offered.items())
        raise RunConflict(
            f"run {run_id} is published with other shards (for one, {path}): the same study gave other bytes. "
            f"Restore the old step folders, or move {warehouse_folder(home)} away to publish anew"
        )
    return bool(loaded)


def load_run(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    """Publish a run of verified shards: the caller holds the writer's lock.

    Of a run that fails its audit the report is published and FailedChecks raised.
    """
    try:
        _load(home, run, manifests, notify)
    except FailedChecks as failed:
        with next_snapshot(home) as staging, writer(staging) as con:
            forget(con, run["run_id"])
            insert_rows(con, "quality_result", [result.row() for result in failed.results])
            insert_rows(con, "refused_run", [refusal_row(run, failed.results)])
        raise


def _load(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    loaded = loaded_tables(manifests)
    total = len(loaded) + len(contracts())
    with next_snapshot(home) as staging:
        with writer(staging) as con:
            forget(con, run["run_id"])
            notify("shards verified", 0, total)
            load(con, run, manifests, lambda table: notify(table, loaded.index(table) + 1, total))
        results = audit(
            staging, contracts(), run["run_id"], lambda table, done, _: notify(table, len(loaded) + done, total)
        )
        if not all(result.success for result in results):
            raise failure(run["run_id"], results)
        with writer(staging) as con:
            insert_rows(con, "quality_result", [result.row() for result in results])
