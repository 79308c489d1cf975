"""Rebuild the warehouse from the runs folder alone.

1. Every run that has a record is loaded, audited and published in a new warehouse beside the old one.
2. Only when all of them are in does the new one take the old one's place, by rename: readers see old or new, whole.

A restore that dies leaves the old warehouse as it was; what it had built is deleted when the next one starts.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.errors import DamagedShard, FailedChecks, OtherSchema, RunConflict, WarehouseError
from warehouse.files import move_into_place, writer_lock
from warehouse.handed_in import HandedIn
from warehouse.home import restoring_home, snapshot_path, warehouse_folder
from warehouse.notify import Notify, ignore_progress, part
from warehouse.publish import load_run
from warehouse.reading import published_runs, published_steps
from warehouse.run_record import RunRecord, read_records
from warehouse.snapshot import remove_leftovers

Published = dict[str, set[str] | None]


@dataclass(frozen=True)
class RestoreReport:
    """What restoring came to. ``refused``: of these runs some or all steps failed their checks, now as before."""

    restored: list[str]
    refused: list[FailedChecks]
    snapshot: Path
    seconds: float


def restore_warehouse(home: Path, notify: Notify = ignore_progress) -> RestoreReport:
    """Build the whole warehouse anew; ``notify(what, done, total)`` as the work goes on.

    Raises NoWarehouse if no run has a record; DamagedShard, naming the run; RunConflict if a published run has no
    record; FailedChecks if a published step no longer passes; WarehouseLocked, OutOfSpace.
    """
    started = time.monotonic()
    with writer_lock(home):
        remove_leftovers(home)
        records, published = read_records(home), _published(home)
        _refuse_loss(home, records, published)
        warehouse_folder(restoring_home(home))
        try:
            refused = _load_all(home, records, published, notify)
            move_into_place(snapshot_path(restoring_home(home)), snapshot_path(home))
        finally:
            shutil.rmtree(restoring_home(home), ignore_errors=True)
    restored = [record.run_id for record in records if record.run_id not in refused]
    return RestoreReport(restored, list(refused.values()), snapshot_path(home), time.monotonic() - started)


def _published(home: Path) -> Published:
    """Runs of the snapshot and their steps; none if it is gone or cannot be read, which is what restoring is for."""
    try:
        return {run_id: _steps(home, run_id) for run_id in published_runs(home)}
    except (WarehouseError, duckdb.Error):
        return {}


def _steps(home: Path, run_id: str) -> set[str] | None:
    """Steps that the run has; None where an older version of the program did not say."""
    try:
        return published_steps(home, run_id)
    except OtherSchema:
        return None


def _refuse_loss(home: Path, records: list[RunRecord], published: Published) -> None:
    if lost := published.keys() - {record.run_id for record in records}:
        raise RunConflict(
            f"run {min(lost)} is published but has no record in {home / 'runs'}: run its study again, or move "
            f"{home / 'warehouse'} away to restore without it"
        )


def _load_all(home: Path, records: list[RunRecord], published: Published, notify: Notify) -> dict[str, FailedChecks]:
    """Load every run; returns those of which all or some steps were refused, as before, by run."""
    refused = {}
    for number, record in enumerate(records):
        with _naming(record):
            manifests = record.manifests(home)
        try:
            handed_in = HandedIn(record.row(), manifests, record.analyses)
            load_run(restoring_home(home), handed_in, part(notify, number, len(records)))
        except FailedChecks as failure:
            steps = published.get(record.run_id, set())
            if steps is None or not steps <= published_steps(restoring_home(home), record.run_id):
                raise
            refused[record.run_id] = failure
    return refused


@contextmanager
def _naming(record: RunRecord) -> Iterator[None]:
    """Say which run it is whose shards cannot be used."""
    try:
        yield
    except WarehouseError as error:
        study = record.run["study"]
        raise DamagedShard(f"run {record.run_id} of study {study} cannot be restored: {error}") from error
