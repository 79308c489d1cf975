"""Removing a run with what only it used, from the warehouse and from the disk.

1. Under the writer's lock a new snapshot is written, which holds every row but the run's own: rows of steps that other
   runs have are kept. It is a new file, since one from which rows are deleted does not become smaller.
2. It takes the published file's place by rename. Then the run's record goes, and at last its step folders.

Killed before the rename, all is as it was; killed after it, the rest is what forgetting the run once more removes.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.contracts.contract import contracts
from warehouse.errors import NoWarehouse, UnknownName, WarehouseLocked
from warehouse.files import move_into_place, remove_database, writer, writer_lock
from warehouse.home import runs_folder, snapshot_path, staging_path
from warehouse.locks import lock_holder
from warehouse.reading import open_snapshot
from warehouse.run_record import RunRecord, read_records, record_path
from warehouse.schema import bring_up_to_date
from warehouse.scope import steps_of_runs
from warehouse.snapshot import remove_leftovers
from warehouse.sql import identifier, literal, statement

LOCK = "lock"  # in a step folder, held while the step is being made


@dataclass(frozen=True)
class Forgetting:
    """What forgetting a run removes: steps by key with their rows, folders with their bytes; and what stays."""

    run_id: str
    study: str
    rows: dict[str, int]
    folders: dict[Path, int]
    shared: tuple[str, ...]  # names of the run's step folders that other runs use


def what_goes(home: Path, run_id: str) -> Forgetting:
    """What ``forget_run`` would remove. Raises UnknownName if there is no such run, on record or published."""
    records = _records(home)
    own = {record.run_id: record for record in records}.get(run_id)
    others = {name for record in records if record.run_id != run_id for name in record.folders}
    folders = set(own.folders) if own else set()
    rows, published = _rows_of(home, run_id)
    if own is None and published is None:
        raise UnknownName(f"there is no run {run_id} in {home}: `scfm status` lists what is there")
    paths = [runs_folder(home) / name for name in sorted(folders - others)]
    return Forgetting(
        run_id,
        str(own.run["study"]) if own else str(published),
        rows,
        {path: folder_bytes(path) for path in paths if path.exists() and path.resolve().is_relative_to(home.resolve())},
        tuple(sorted(folders & others)),
    )


def forget_run(home: Path, run_id: str) -> Forgetting:
    """Remove a run and what only it used. Raises UnknownName; WarehouseLocked if it is in use; OutOfSpace."""
    with writer_lock(home):
        remove_leftovers(home)
        going = what_goes(home, run_id)
        for folder in going.folders:
            if holder := lock_holder(folder / LOCK):
                raise WarehouseLocked(f"{folder} is being written by process {holder}: wait until it ends")
        if snapshot_path(home).exists():
            _rewrite(home, run_id, set(going.rows))
        record_path(home, run_id).unlink(missing_ok=True)
        remove_folders(going.folders)
    return going


def remove_folders(folders: Iterable[Path]) -> None:
    """Delete step folders that no run on record uses any more."""
    for folder in folders:
        shutil.rmtree(folder)


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _records(home: Path) -> list[RunRecord]:
    try:
        return read_records(home)
    except NoWarehouse:
        return []


def _rows_of(home: Path, run_id: str) -> tuple[dict[str, int], str | None]:
    """Rows by key of the published steps that only this run has, and its study; None if it is not published."""
    if not snapshot_path(home).exists():
        return {}, None
    with open_snapshot(home) as con:
        named = dict(con.execute(statement("studies")).fetchall())
        steps = steps_of_runs(con)
        others = frozenset().union(*(found for other, found in steps.items() if other != run_id))
        return {step: rows_of_step(con, step) for step in steps.get(run_id, frozenset()) - others}, named.get(run_id)


def rows_of_step(con: duckdb.DuckDBPyConnection, step_key: str) -> int:
    """Rows of a step in all stored tables."""
    tables = [identifier(table) for table, contract in contracts().items() if contract.by_step]
    counted = [con.execute(statement("count_step", table=table), {"step_key": step_key}).fetchall() for table in tables]
    return sum(int(found[0][0]) for found in counted)


def _rewrite(home: Path, run_id: str, steps: set[str]) -> None:
    """Publish a new file with all rows but the run's."""
    staging = staging_path(home)
    try:
        with writer(staging) as con:
            bring_up_to_date(con)
            con.execute(statement("attach_old", path=literal(str(snapshot_path(home)))))
            for table, contract in contracts().items():
                owner, gone = ("step_key", [*steps, run_id]) if contract.by_step else ("run_id", [run_id])
                text = statement("copy_rows", table=identifier(table), owner=identifier(owner))
                con.execute(text, {"gone": gone})
            con.execute(statement("detach_old"))
        move_into_place(staging, snapshot_path(home))
    finally:
        remove_database(staging)
