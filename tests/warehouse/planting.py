"""Plant bad rows in a copy of a staging file, for every rule that follows from a contract's columns and references."""

import shutil
from collections import Counter
from pathlib import Path

import duckdb

from warehouse.contracts.contract import REALS, Column, Contract, Reference

SOMETHING = {"VARCHAR": "something", "BOOLEAN": True}
NOWHERE = {"VARCHAR": "nowhere", "USMALLINT": 60_000, "UINTEGER": 4_000_000_000}


def plant_by_rule(good: Path, bad: Path, contract: Contract) -> Counter[str]:
    """Copy ``good`` and break every column, key, reference and table rule; returns how often each rule is broken."""
    shutil.copyfile(good, bad)
    broken: Counter[str] = Counter(types=1, key=1)
    with duckdb.connect(str(bad)) as con:
        con.execute("SET search_path = 'stored,main'")
        con.execute(f'CREATE TABLE good AS SELECT * FROM stored."{contract.table}"')
        _plant(con, contract, {})  # the same row twice
        for column in contract.stored_columns:
            broken += _break_column(con, contract, column)
        for reference in contract.references:
            broken += _break_reference(con, contract, reference)
        if contract.by_step:
            _plant(con, contract, {"step_key": "nowhere"})
            broken["step_in_run"] += 1
        elif contract.published_only:
            _plant(con, contract, {"run_id": "nowhere"})
            broken["run_id_in_run"] += 1
        con.execute(f'ALTER TABLE stored."{contract.table}" ADD COLUMN further INTEGER')
    return broken + (Counter(row_count=1) if contract.filled_by == "shards" else Counter())


def _break_column(con: duckdb.DuckDBPyConnection, contract: Contract, column: Column) -> Counter[str]:
    broken: Counter[str] = Counter()
    if column.imported_only:
        _plant(con, contract, {column.name: SOMETHING.get(column.type, 1)})
        broken[f"{column.name}_given_if_imported"] += 1
    elif not column.nullable:
        _plant(con, contract, {column.name: None})
        own = "step_in_run" if contract.by_step else "run_id_in_run" if contract.published_only else "run_id_given"
        named = f"{column.name}_null_if_imported" if column.imported_null else f"{column.name}_not_null"
        broken[own if column.name == contract.stored_key[0] and column.name in ("run_id", "step_key") else named] += 1
    if column.max is not None or column.min is not None:
        _plant(con, contract, {column.name: column.min - 1 if column.max is None else column.max + 1})
        broken[f"{column.name}_range"] += 1
    if column.allowed is not None:
        _plant(con, contract, {column.name: "never heard of"})
        broken[f"{column.name}_allowed"] += 1
    if column.type in REALS:
        _plant(con, contract, {column.name: float("nan")})
        broken["finite"] += 1
        broken[f"{column.name}_range"] += column.max is not None  # NaN is above every number
    return broken


def _break_reference(con: duckdb.DuckDBPyConnection, contract: Contract, reference: Reference) -> Counter[str]:
    column = contract.column(reference.columns[-1])
    _plant(con, contract, {column.name: NOWHERE[column.type]}, reference.columns)
    name = f"{'_'.join(reference.columns)}_in_{reference.table}"
    return Counter({name: 1, f"{column.name}_allowed": int(column.allowed is not None)})


def _plant(con: duckdb.DuckDBPyConnection, contract: Contract, change: dict, given: tuple[str, ...] = ()) -> None:
    """Add a copy of a good row, one without NULL in ``given``, with some values changed."""
    names = [column.name for column in contract.stored_columns]
    wanted = " AND ".join(f'"{name}" IS NOT NULL' for name in given) or "true"
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join("?" if name in change else f'"{name}"' for name in names)
    one = f"(SELECT * FROM good WHERE {wanted} LIMIT 1)"
    con.execute(
        f'INSERT INTO stored."{contract.table}" ({quoted}) SELECT {values} FROM {one}',
        [change[name] for name in names if name in change],
    )
