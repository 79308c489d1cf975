"""Load a run's shards into its staging file.

1. Every shard's columns and types are held against its table's contract; a difference is refused by name.
2. Rows are read straight from Parquet, stamped with the run's id, and stored in the order of the table's key.
3. The run's own row and its ledger (one row a shard) join them.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from warehouse.contract import Contract, contracts
from warehouse.ddl import schema_sql
from warehouse.errors import ContractMismatch, WarehouseError
from warehouse.manifest import Manifest
from warehouse.sql import identifier, identifiers, statement


def stage(con: duckdb.DuckDBPyConnection, run: dict[str, Any], manifests: list[Manifest]) -> None:
    """Fill an empty staging database. Raises ContractMismatch if a shard or ``run`` departs from its contract."""
    con.execute(schema_sql(constrained=False))
    for table, paths in _paths_by_table(manifests).items():
        _stage_table(con, table, paths, run["run_id"])
    insert_rows(con, "run", [run])
    insert_rows(con, "work_unit", [row for manifest in manifests for row in manifest.ledger(run["run_id"])])


def insert_rows(con: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Insert a few rows made here, not by a step. Raises ContractMismatch if one has other columns."""
    names = [column.name for column in contracts()[table].columns]
    values = ", ".join(f"${name}" for name in names)
    text = statement("stage_row", table=identifier(table), columns=identifiers(names), values=values)
    for row in rows:
        if wrong := set(row) ^ set(names):
            raise ContractMismatch(f"row of table {table}: missing or unknown columns {', '.join(sorted(wrong))}")
        con.execute(text, row)


def _paths_by_table(manifests: list[Manifest]) -> dict[str, list[Path]]:
    paths: dict[str, list[Path]] = defaultdict(list)
    for manifest in manifests:
        for table, path in manifest.table_shards():
            if table not in contracts():
                raise ContractMismatch(f"shard {path} feeds table {table}, for which there is no contract")
            paths[table].append(path)
    return paths


def _stage_table(con: duckdb.DuckDBPyConnection, table: str, paths: list[Path], run_id: str) -> None:
    contract = contracts()[table]
    for path in paths:
        _check_columns(con, contract, path)
    key = identifiers(name for name in contract.key if name != "run_id")
    text = statement("stage_shards", table=identifier(table), key=key)
    con.execute(text, {"run_id": run_id, "paths": [str(path) for path in paths]})


def _check_columns(con: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> None:
    try:
        found = dict(con.execute(statement("shard_columns"), {"paths": [str(path)]}).fetchall())
    except duckdb.Error as error:
        raise WarehouseError(f"shard {path} is no Parquet file: delete its folder and run the study again") from error
    expected = {c.name: c.type for c in contract.shard_columns if c.name in found or not c.imported_only}
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise ContractMismatch(
                f"table {contract.table}, column {name}: shard {path} has {found.get(name, 'no such column')}, "
                f"the contract says {expected.get(name, 'no such column')}"
            )
