"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock and verify the shards of every manifest.
2. The same run with the same shards is published already; with others, it is refused.
3. Load the run into a private copy of the published file, and audit its rows there.
4. If they pass, the copy takes the published file's place by rename; if not, only the report is published.
"""

import time
from pathlib import Path
from typing import Any

from warehouse.audit import Notify, audit, ignore_progress
from warehouse.contract import contracts
from warehouse.errors import FailedChecks, RunConflict
from warehouse.files import writer, writer_lock
from warehouse.home import snapshot_path, warehouse_folder
from warehouse.load import insert_rows, load, loaded_tables
from warehouse.manifest import Manifest, read_manifest, verify
from warehouse.reading import PublishReport, ledger_of_run, published_run
from warehouse.refusal import failure, forget, refusal_row
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
        for manifest in manifests:
            verify(manifest)
        already = _is_loaded(home, run["run_id"], manifests)
        if not already:
            _load_or_report(home, run, manifests, notify)
    rows, results = published_run(home, run["run_id"])
    return PublishReport(run["run_id"], rows, results, already, snapshot_path(home), time.monotonic() - started)


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


def _load_or_report(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    try:
        _load(home, run, manifests, notify)
    except FailedChecks as failed:
        with next_snapshot(home) as staging, writer(staging) as con:
            forget(con, run["run_id"])
            insert_rows(con, "quality_result", [result.row() for result in failed.results])
            insert_rows(con, "refused_run", [refusal_row(run, failed.results)])
        raise


def _load(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    """Load, audit and publish a run. Raises FailedChecks."""
    loaded = loaded_tables(manifests)
    total = len(loaded) + len(contracts())
    with next_snapshot(home) as staging:
        with writer(staging) as con:
            forget(con, run["run_id"])
            load(con, run, manifests, lambda table: notify(table, loaded.index(table) + 1, total))
        results = audit(
            staging, contracts(), run["run_id"], lambda table, done, _: notify(table, len(loaded) + done, total)
        )
        if not all(result.success for result in results):
            raise failure(run["run_id"], results)
        with writer(staging) as con:
            insert_rows(con, "quality_result", [result.row() for result in results])
