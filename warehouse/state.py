"""What state a warehouse is in, and what to do about it. Looking takes no lock and changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.errors import NoWarehouse, WarehouseError, WarehouseLocked
from warehouse.files import LOCK
from warehouse.home import runs_folder, snapshot_path
from warehouse.locks import lock_holder
from warehouse.reading import connect_snapshot
from warehouse.run_record import read_records
from warehouse.schema import refuse_outdated
from warehouse.scratch import abandoned
from warehouse.sql import statement

LEFTOVERS = ("staging.duckdb", "restoring", ".*.tmp")
RESTORE = "`scfm restore` rebuilds it from the shards"


@dataclass(frozen=True)
class Finding:
    """One thing found. ``broken``: the warehouse cannot be used as it is; ``advice`` is empty if nothing is to do."""

    what: str
    advice: str = ""
    broken: bool = False


def examine(home: Path) -> list[Finding]:
    """Everything worth knowing about the warehouse of ``home``, in the order in which it matters."""
    found = list(_use(home))
    seen: set[str] = set()  # runs that the snapshot tells of, published or refused
    try:
        with connect_snapshot(home) as con:
            found += [*_published(home, con), *_schema(home, con), *_refused(con, seen)]
            seen |= {run_id for (run_id,) in con.execute(statement("run_ids")).fetchall()}
    except NoWarehouse:
        found.append(_nothing(home))
    except WarehouseLocked as error:
        what, _, advice = str(error).rpartition(": ")
        found.append(Finding(what, advice, broken=True))
    except (WarehouseError, duckdb.Error) as error:
        what = str(error).splitlines()[0]
        found.append(Finding(f"{snapshot_path(home)} cannot be read: {what}", RESTORE, broken=True))
    return [*found, *_unpublished(home, seen), *_leftovers(home)]


def _use(home: Path) -> Iterator[Finding]:
    if holder := lock_holder(home / "warehouse" / LOCK):
        yield Finding(f"in use by process {holder}, which publishes or restores", "wait until it ends")


def _nothing(home: Path) -> Finding:
    if any(runs_folder(home).glob("run-*.json")):
        return Finding("nothing is published, but runs are on record", RESTORE)
    return Finding("nothing is published yet", "`make demo`, or `scfm run STUDY.toml`")


def _published(home: Path, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    n_runs, n_rows = con.execute(statement("published_size")).fetchall()[0]
    about = snapshot_path(home).stat()
    when = datetime.fromtimestamp(about.st_mtime, UTC)
    size = f"{n_runs} runs, {n_rows:,} rows, {about.st_size / 1e6:.1f} MB"
    yield Finding(f"{snapshot_path(home)}: {size}, published {when:%Y-%m-%d %H:%M} UTC")


def _schema(home: Path, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    try:
        refuse_outdated(con, snapshot_path(home))
    except WarehouseError as error:
        what, _, advice = str(error).rpartition(": ")
        yield Finding(what, advice, broken=True)
    else:
        yield Finding("schema up to date")


def _refused(con: duckdb.DuckDBPyConnection, seen: set[str]) -> Iterator[Finding]:
    for run_id, study, failure, steps, _ in con.execute(statement("refusals")).fetchall():
        seen.add(run_id)
        advice = "look at page Runs and quality, put right what made the rows, and run the study again"
        yield Finding(f"run {run_id} of study {study}: {', '.join(steps)} refused: {failure}", advice)


def _unpublished(home: Path, seen: set[str]) -> Iterator[Finding]:
    try:
        records = read_records(home)
    except NoWarehouse:
        return
    except WarehouseError as error:
        yield Finding(str(error))
        return
    for record in records:
        if record.run_id not in seen:
            what = f"run {record.run_id} of study {record.run['study']} was handed in but is not published"
            yield Finding(what, "run its study again, or `scfm restore`")


def _leftovers(home: Path) -> Iterator[Finding]:
    """What lies about while nobody publishes is left by a dead process."""
    if any(_use(home)):
        return
    folder = home / "warehouse"
    for path in (*(path for pattern in LEFTOVERS for path in sorted(folder.glob(pattern))), *abandoned(folder)):
        yield Finding(f"{path} was left by a process that died", "the next publish removes it")
