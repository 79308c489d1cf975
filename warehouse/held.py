"""What a home holds, step by step: bytes on the disk and rows in the warehouse, and what nothing refers to."""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.errors import NoWarehouse, WarehouseError
from warehouse.forget import folder_bytes, rows_of_step
from warehouse.home import runs_folder, snapshot_path
from warehouse.reading import open_snapshot
from warehouse.run_record import read_records
from warehouse.sql import statement

FOLDER = re.compile(r"([a-z_]+)-([0-9a-f]{16})")


@dataclass(frozen=True)
class Held:
    """Folders and bytes of a step on the disk, and its rows in the warehouse, over all layers and runs."""

    step: str
    n_folders: int
    n_bytes: int
    n_rows: int


@dataclass(frozen=True)
class Holdings:
    """``steps`` by name; ``loose_folders`` are in no run's record, ``loose_steps`` are of no published run."""

    steps: list[Held]
    loose_folders: list[Path]
    loose_steps: list[str]


def holdings(home: Path) -> Holdings:
    """Look through runs folder and snapshot. A snapshot that cannot be read counts as empty."""
    named = [(path, FOLDER.fullmatch(path.name)) for path in sorted(runs_folder(home).glob("*-*/"))]
    folders = {path: match[1] for path, match in named if match}
    rows, loose = _in_warehouse(home)
    names = sorted({*folders.values(), *(step for step, _ in rows)})
    on_record = _on_record(home)
    return Holdings(
        [_held(name, folders, rows) for name in names],
        [path for path in folders if path.name not in on_record],
        loose,
    )


def _held(name: str, folders: dict[Path, str], rows: dict[tuple[str, str], int]) -> Held:
    own = [path for path, step in folders.items() if step == name]
    n_rows = sum(n for (step, _), n in rows.items() if step == name)
    return Held(name, len(own), sum(map(folder_bytes, own)), n_rows)


def _in_warehouse(home: Path) -> tuple[dict[tuple[str, str], int], list[str]]:
    """Rows by step name and key, and names of steps that are part of no run."""
    if not snapshot_path(home).exists():
        return {}, []
    try:
        with open_snapshot(home) as con:
            steps = con.execute(statement("stored_steps")).fetchall()
            rows = {(step, key): rows_of_step(con, key) for step, key, _ in steps}
    except (WarehouseError, duckdb.Error):
        return {}, []
    return rows, [f"{step}-{key}" for step, key, used in steps if not used]


def _on_record(home: Path) -> set[str]:
    try:
        return {Path(name).name for record in read_records(home) for name in record.folders}
    except NoWarehouse:
        return set()
