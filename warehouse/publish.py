"""Write, audit, publish: the only way into the warehouse.

1. Take the writer's lock; remove what dead processes left.
2. Verify the shards of every step that the published file lacks. A step that is there with other shards is refused.
3. Keep the run's record, for restoring. Load the steps that are missing into a private copy of the published file, and
   audit there what no audit has seen.
4. If all rows pass, the copy takes the published file's place by rename. If not, the steps at fault are refused, with
   all that read them, and the rest is loaded and audited anew, until it passes or nothing is left. It is published
   with the report on the steps that were refused.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.check_result import CheckResult
from warehouse.contracts.contract import contracts
from warehouse.errors import RunConflict
from warehouse.files import writer, writer_lock
from warehouse.handed_in import HandedIn
from warehouse.home import snapshot_path, usable, warehouse_folder
from warehouse.load import insert_rows, load, loaded_tables
from warehouse.manifest import Manifest, ledger, read_manifest, verify
from warehouse.notify import Notify, ignore_progress
from warehouse.reading import PublishReport, is_current_snapshot, ledger_of_steps, published_run, published_steps
from warehouse.refusal import Refusals, forget
from warehouse.run_record import record_path, write_record
from warehouse.scope import steps_of_runs
from warehouse.snapshot import next_snapshot, remove_leftovers
from warehouse.sql import identifier, statement

OF_RUN = ("run", "run_step", "run_analysis")


def publish_run(
    home: Path,
    run: dict[str, Any],
    folders: list[Path],
    notify: Notify = ignore_progress,
    analyses: Sequence[dict[str, Any]] = (),
) -> PublishReport:
    """Load, audit and publish a run: ``run`` is its row of table ``run``, ``folders`` its finished step folders.

    ``analyses``: rows of table ``run_analysis`` without run_id. ``notify(what, done, total)`` as the work goes on.
    Raises WarehouseError or one of its kinds: WarehouseLocked, DamagedShard, ContractMismatch, RunConflict,
    OtherSchema, FailedChecks, AuditBroken, OutOfSpace. Whatever is raised, the published snapshot is the old one,
    whole; after FailedChecks it has the steps that passed and the report as well.
    """
    started = time.monotonic()
    usable(home)
    handed_in = HandedIn(run, [read_manifest(folder) for folder in folders], tuple(analyses))
    with writer_lock(home):
        remove_leftovers(home)
        already = _is_loaded(home, handed_in)
        if not (already and record_path(home, handed_in.run_id).exists()):
            write_record(home, run, handed_in.manifests, analyses)
        if not already:
            load_run(home, handed_in, notify)
        elif not is_current_snapshot(home):  # published by an older version of the program
            with next_snapshot(home):
                pass
    rows, results = published_run(home, handed_in.run_id)
    return PublishReport(handed_in.run_id, rows, results, already, snapshot_path(home), time.monotonic() - started)


def _is_loaded(home: Path, handed_in: HandedIn) -> bool:
    """Whether all steps are published as part of the run. Shards of steps that are not published are verified."""
    loaded = ledger_of_steps(home, handed_in.keys)
    for manifest in handed_in.manifests:
        if manifest.key not in loaded:
            verify(manifest)
        elif loaded[manifest.key] != (offered := ledger([manifest])):
            path = min(path for path, _ in loaded[manifest.key].items() ^ offered.items())
            raise RunConflict(
                f"step {manifest.folder.name} is published with other shards (for one, {path}): the same step gave "
                f"other bytes. Restore the old step folder, or move {warehouse_folder(home)} away to publish anew"
            )
    present = published_steps(home, handed_in.run_id)
    if not (present <= handed_in.keys or handed_in.keys <= present):
        raise RunConflict(
            f"run {handed_in.run_id} is published with other steps (for one, {min(present - handed_in.keys)}): "
            f"`scfm forget {handed_in.run_id}` removes it, so that it can be published anew"
        )
    return bool(present) and handed_in.keys <= present


def load_run(home: Path, handed_in: HandedIn, notify: Notify) -> None:
    """Publish a run of verified shards: the caller holds the writer's lock.

    What passes is published, beside the report on steps that do not; FailedChecks is raised if there are any.
    """
    refusals, accepted = Refusals(), handed_in.manifests
    while accepted:
        with _next_try(home) as staging:
            results = _load(staging, handed_in, accepted, notify)
            if failed := not all(result.success for result in results):
                accepted = refusals.add(results, accepted)
                raise _NotYet
            _write_report(staging, handed_in, refusals, results)
        if not failed:
            break
    else:
        with next_snapshot(home) as staging:
            _write_report(staging, handed_in, refusals, [])
    if refusals.first_failure:
        raise refusals.error(handed_in.run_id, handed_in.manifests)


class _NotYet(Exception):
    """Some steps of this try are to be left out of the next one."""


@contextmanager
def _next_try(home: Path) -> Iterator[Path]:
    """``next_snapshot``, which is dropped without a word if the try asks for another."""
    try:
        with next_snapshot(home) as staging:
            yield staging
    except _NotYet:
        pass


def _load(staging: Path, handed_in: HandedIn, accepted: list[Manifest], notify: Notify) -> list[CheckResult]:
    """Make the run of the accepted steps, load those that are missing, and audit what no audit has seen."""
    from warehouse.audit import audit  # noqa: PLC0415 - it takes three seconds, which a run that is published is spared

    with writer(staging) as con:
        audited = tuple(steps_of_runs(con).values())
        present = frozenset().union(*audited)
        new = [manifest for manifest in accepted if manifest.key not in present]
        loaded = loaded_tables(new)
        total = 1 + len(loaded) + len(contracts())
        write_run(con, handed_in, accepted)
        notify("shards verified", 1, total)
        load(con, new, lambda table: notify(table, loaded.index(table) + 2, total))
    return audit(
        staging,
        contracts(),
        handed_in.run_id,
        lambda table, done, _: notify(table, 1 + len(loaded) + done, total),
        audited,
    )


def write_run(con: duckdb.DuckDBPyConnection, handed_in: HandedIn, accepted: list[Manifest]) -> None:
    """Put the run's own rows in place of those of an earlier try to publish it."""
    forget(con, handed_in.run_id)
    for table in OF_RUN:
        con.execute(statement("delete_run", table=identifier(table)), {"run_id": handed_in.run_id})
    insert_rows(con, "run", [handed_in.run])
    insert_rows(con, "run_step", handed_in.step_rows(accepted))
    insert_rows(con, "run_analysis", handed_in.analysis_rows())


def _write_report(staging: Path, handed_in: HandedIn, refusals: Refusals, results: list[CheckResult]) -> None:
    """Keep what checks found, of the steps that passed and of those that were refused."""
    with writer(staging) as con:
        forget(con, handed_in.run_id)
        present = steps_of_runs(con).get(handed_in.run_id, frozenset())
        refused = [manifest for manifest in handed_in.manifests if manifest.key in refusals.first_failure]
        tables = contracts() if len(refused) == len(handed_in.manifests) else _fed(refused)
        report = refusals.report(tables) if refused else []
        told = {(result.table_name, result.check_name) for result in report}
        each = [one for result in results for one in result.of_each_step()]
        kept = [one for one in each if one.step_key != one.run_id or (one.table_name, one.check_name) not in told]
        insert_rows(con, "quality_result", [result.row() for result in (*report, *kept)])
        insert_rows(con, "refused_step", refusals.rows(handed_in.run, refused, set(present)))


def _fed(manifests: list[Manifest]) -> set[str]:
    return {table for manifest in manifests for table in manifest.tables}
