"""Whose rows an open DuckDB file holds: those of which runs, and how many of every step."""

from collections.abc import Mapping

import duckdb

from warehouse.contracts.contract import Contract, contracts
from warehouse.scope import Scope
from warehouse.sql import identifier, statement

Rows = Mapping[str, int]


def audited_runs(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of all runs that the open file holds rows of, those included of which all was refused."""
    return [run_id for (run_id,) in con.execute(statement("audited_runs")).fetchall()]


def rows_by_owner(con: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    """Rows of every table of the open file, by step key, or by run id in tables about runs."""
    return {table: _by_owner(con, contract) for table, contract in contracts().items()}


def _by_owner(con: duckdb.DuckDBPyConnection, contract: Contract) -> Rows:
    name = "rows_by_step" if contract.by_step else "rows_by_run"
    return dict(con.execute(statement(name, table=identifier(contract.table))).fetchall())


def n_asked(scope: Scope, rows: Rows) -> int:
    """How many of a table's rows rules about single rows are asked of."""
    asked = {*scope.new, scope.run_id}
    return sum(n for owner, n in rows.items() if owner in asked)
