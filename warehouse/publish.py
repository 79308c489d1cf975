"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock; remove staging files, all of them left by dead processes.
2. Verify the shards of every manifest. The same run with the same shards is published already; with others, refused.
3. Load the run into a staging file of its own, and audit that file.
4. A failed audit leaves a report and nothing else. A passed one is promoted in one transaction.
5. Copy the warehouse to the snapshot by rename. A process that dies between 4 and 5 does 5 when run again.
"""

import time
from pathlib import Path
from typing import Any

from warehouse.audit import Notify, audit, ignore_progress
from warehouse.check_result import write_report
from warehouse.contract import contracts
from warehouse.errors import FailedChecks, RunConflict
from warehouse.files import remove_database, writer, writer_lock
from warehouse.home import report_path, snapshot_path, staging_path, warehouse_folder
from warehouse.load import insert_rows, stage
from warehouse.manifest import Manifest, read_manifest, verify
from warehouse.promote import ledger_of_run, promote, publish_snapshot
from warehouse.reading import PublishReport, is_published, published_run


def publish_run(
    home: Path, run: dict[str, Any], folders: list[Path], notify: Notify = ignore_progress
) -> PublishReport:
    """Load, audit and publish a run: ``run`` is its row of table ``run``, ``folders`` its finished step folders.

    ``notify(what, done, total)`` is called as the work goes on.
    Raises WarehouseError or one of its kinds: WarehouseLocked, DamagedShard, ContractMismatch, RunConflict,
    FailedChecks, AuditBroken, OutOfSpace. Whatever is raised, the published snapshot is the old one, whole.
    """
    started = time.monotonic()
    manifests = [read_manifest(folder) for folder in folders]
    with writer_lock(home):
        _remove_leftovers(home)
        for manifest in manifests:
            verify(manifest)
        already = _is_loaded(home, run["run_id"], manifests)
        if not already:
            _load(home, run, manifests, notify)
        if not is_published(home, run["run_id"]):
            publish_snapshot(home)
    rows, results = published_run(home, run["run_id"])
    return PublishReport(run["run_id"], rows, results, already, snapshot_path(home), time.monotonic() - started)


def _remove_leftovers(home: Path) -> None:
    """Staging files are dead processes' work: the lock is ours."""
    for path in warehouse_folder(home).glob("staging-*.duckdb"):
        remove_database(path)


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


def _load(home: Path, run: dict[str, Any], manifests: list[Manifest], notify: Notify) -> None:
    staging = staging_path(home, run["run_id"])
    try:
        with writer(staging) as con:
            stage(con, run, manifests)
        _audit_staged(home, staging, run["run_id"], notify)
        promote(home, staging)
    finally:
        remove_database(staging)


def _audit_staged(home: Path, staging: Path, run_id: str, notify: Notify) -> None:
    """Run every suite and stage the results. Raises FailedChecks, leaving a report."""
    report = report_path(home, run_id)
    results = audit(staging, contracts(), notify)
    failed = [result for result in results if not result.success]
    if failed:
        write_report(report, results)
        more = f" (and {len(failed) - 1} more failed checks)" if len(failed) > 1 else ""
        raise FailedChecks(f"nothing was published: {failed[0]}{more}; all results are in {report}", results)
    report.unlink(missing_ok=True)
    with writer(staging) as con:
        insert_rows(con, "quality_result", [result.row(run_id) for result in results])
