"""Reading what was published: a connection for programs, a summary for people."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.check_result import CheckResult
from warehouse.contracts.contract import contracts
from warehouse.errors import UnknownName, WarehouseError
from warehouse.files import explained
from warehouse.home import existing_snapshot, snapshot_path
from warehouse.schema import is_current, recorded_sha256, refuse_outdated
from warehouse.scratch import remove_abandoned, scratch_path
from warehouse.sql import identifier, statement

# Up to so many rows that a join asks for are looked up where they lie. With DuckDB's 50, a query that finds the 500
# strongest of 10^7 edges by their narrow columns and then fetches these reads the whole table again.
FETCHED = 1000


@dataclass(frozen=True)
class PublishReport:
    """What publishing a run came to."""

    run_id: str
    rows: dict[str, int]  # by table
    results: list[CheckResult]
    already_published: bool
    snapshot: Path
    seconds: float


def open_snapshot(home: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published snapshot of ``home`` ($SCFM_HOME, else ./scfm-home).

    It keeps showing the snapshot it was opened on, also while a newer one is published. Share it between
    threads only through ``con.cursor()``. Raises NoWarehouse if nothing has been published; OldWarehouse or
    OtherSchema if another version of the program published it.
    """
    remove_abandoned(snapshot_path(home).parent)
    con = connect_snapshot(home)
    try:
        refuse_outdated(con, snapshot_path(home))
    except WarehouseError:
        con.close()
        raise
    return con


def connect_snapshot(home: Path | None = None) -> duckdb.DuckDBPyConnection:
    """As ``open_snapshot``, for a snapshot of any version."""
    path = existing_snapshot(home)
    with explained(path), _own_name(path) as name:
        spill = str(scratch_path(path.parent, "spill"))
        config: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": spill,
            "dynamic_or_filter_threshold": FETCHED,
        }
        return duckdb.connect(str(name), read_only=True, config=config)


@contextmanager
def _own_name(path: Path) -> Iterator[Path]:
    """A second name of the same file, while it is being opened.

    DuckDB knows open databases by name: a process that still holds the last snapshot open would be given that one
    again. Where no link can be made (a read-only disk, on which nothing is published either) the name itself serves.
    """
    folder = scratch_path(path.parent, "opening")
    try:
        folder.mkdir()
    except OSError:
        yield path
        return
    try:
        os.link(path, folder / path.name)
        yield folder / path.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_published(home: Path, run_id: str) -> bool:
    """Whether readers of the snapshot see the run, with no step refused, as this version of the program has it."""
    if not snapshot_path(home).exists():
        return False
    with connect_snapshot(home) as con:
        return is_current(con) and _count(con, "run", run_id) > 0 == _count(con, "refused_step", run_id)


def is_current_snapshot(home: Path) -> bool:
    """Whether there is a snapshot and it has today's schema."""
    if not snapshot_path(home).exists():
        return False
    with connect_snapshot(home) as con:
        return is_current(con)


def published_runs(home: Path) -> set[str]:
    """Ids of all published runs, in a snapshot of any version. Raises NoWarehouse if nothing has been published."""
    with connect_snapshot(home) as con:
        return {run_id for (run_id,) in con.execute(statement("run_ids")).fetchall()}


def published_run(home: Path, run_id: str) -> tuple[dict[str, int], list[CheckResult]]:
    """A published run's rows by table, and what its checks found."""
    with open_snapshot(home) as con:
        rows = row_counts(con, run_id)
        found = con.execute(statement("quality_of_run"), {"run_id": run_id}).fetchall()
    return rows, [CheckResult(*row) for row in found]


def ledger_of_steps(home: Path, step_keys: Iterable[str]) -> dict[str, dict[str, str]]:
    """Shard hashes by path of each step that the snapshot has. Raises OtherSchema for one with rows by run."""
    found: dict[str, dict[str, str]] = {}
    if snapshot_path(home).exists():
        with _of_steps(home) as con:
            asked = {"step_keys": list(step_keys)}
            for step_key, path, sha256 in con.execute(statement("ledger_of_steps"), asked).fetchall():
                found.setdefault(step_key, {})[path] = sha256
    return found


def published_steps(home: Path, run_id: str) -> set[str]:
    """Keys of the steps that the run has in the snapshot. Raises OtherSchema for one with rows by run."""
    if not snapshot_path(home).exists():
        return set()
    with _of_steps(home) as con:
        return {step for step, _ in con.execute(statement("steps_of_run"), {"run_id": run_id}).fetchall()}


@contextmanager
def _of_steps(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a snapshot of any version whose rows stand by step."""
    with connect_snapshot(home) as con:
        recorded_sha256(con)
        yield con


def row_counts(con: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, int]:
    """Rows of a run in every table."""
    return {table: _count(con, table, run_id) for table in contracts()}


def _count(con: duckdb.DuckDBPyConnection, table: str, run_id: str) -> int:
    found = con.execute(statement("count_rows", table=identifier(table)), {"run_id": run_id}).fetchall()
    return int(found[0][0])


def run_summary(home: Path, run_id: str) -> dict[str, int]:
    """Counts of a published run: cells, saes, living_features, effects and edges by kind and criterion, checks.

    Raises UnknownName if the run is not published.
    """
    with open_snapshot(home) as con:
        found = con.execute(statement("run_summary"), {"run_id": run_id})
        names = [column[0] for column in found.description]
        row = found.fetchone()
    if row is None:
        raise UnknownName(f"run {run_id} is not published in {home}: run its study, or ask `scfm status`")
    return dict(zip(names, row, strict=True))
