"""Which schema a warehouse file has, and bringing an older file up to the contracts.

1. The SHA-256 of the whole schema (tables, views, macros, comments) is kept in the file with every change of it.
2. Where it is not today's, the stored tables are compared with the contracts: new tables and new columns at the end of
   a table are added, and views, macros and comments are made anew, all in one transaction.
3. What takes thought (a table or column that went, or changed its type or place) is refused, and so is a file whose
   rows stand by run, as they did before: restoring rebuilds either from the shards.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

import duckdb

from warehouse.contracts.contract import Contract, contracts
from warehouse.ddl import schema_sql, tables_sql, views_sql
from warehouse.errors import OldWarehouse, OtherSchema
from warehouse.sql import identifier, statement

REBUILD = "rebuild it from the shards with `scfm restore`"
BEFORE = "schema_migration"  # the table that every file had whose rows stood by run


def schema_sha256() -> str:
    """SHA-256 of the schema that the contracts, views and macros say."""
    return _sha256(schema_sql())


@cache
def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the open file has today's schema. Raises OtherSchema for one whose rows stand by run."""
    return recorded_sha256(con) == schema_sha256()


def refuse_outdated(con: duckdb.DuckDBPyConnection, where: object) -> None:
    """Raise OldWarehouse or OtherSchema unless the open file has today's schema."""
    if not is_current(con):
        for _ in missing(con):  # raises where more than additions differ
            pass
        raise OldWarehouse(
            f"{where} was published by another version of the program: `scfm run` of any study, or `scfm restore`, "
            "brings it up to date"
        )


def recorded_sha256(con: duckdb.DuckDBPyConnection) -> str | None:
    """The schema's hash as the open file has it; None for an empty file. Raises OtherSchema for rows by run."""
    tables = set(con.execute(statement("all_tables")).fetchall())
    if ("main", BEFORE) in tables or (tables and ("stored", "schema_version") not in tables):
        raise OtherSchema(f"the warehouse is of an older version, which kept its rows by run: {REBUILD}")
    if not tables:
        return None
    found: str | None = con.execute(statement("schema_sha")).fetchall()[0][0]
    return found


def bring_up_to_date(con: duckdb.DuckDBPyConnection) -> None:
    """Give the open file today's schema. Raises OtherSchema; a change that fails leaves no trace."""
    if is_current(con):
        return
    con.begin()
    try:
        con.execute(statement("create_schema"))
        con.execute("".join(missing(con)) + _old_views_away(con) + views_sql())
        now = datetime.now(UTC).replace(tzinfo=None)
        con.execute(statement("record_schema"), {"sha256": schema_sha256(), "applied": now})
    except Exception:
        con.rollback()
        raise
    con.commit()


def _old_views_away(con: duckdb.DuckDBPyConnection) -> str:
    names = con.execute(statement("all_views")).fetchall()
    return "".join(statement("drop_view", view=identifier(name)) for (name,) in names)


def missing(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Statements that add what the stored tables lack of the contracts. Raises OtherSchema for any other change."""
    columns: dict[str, dict[str, str]] = {}
    for table, name, kind in con.execute(statement("stored_columns")).fetchall():
        columns.setdefault(table, {})[name] = kind
    if gone := set(columns) - set(contracts()):
        raise OtherSchema(f"table {min(gone)} of the warehouse has no contract in this version: {REBUILD}")
    for contract in contracts().values():
        yield from _additions(contract, columns.get(contract.table))


def _additions(contract: Contract, found: dict[str, str] | None) -> Iterator[str]:
    if found is None:
        yield tables_sql([contract])
        return
    wanted = {column.name: column.type for column in contract.stored_columns}
    if list(wanted)[: len(found)] != list(found):
        raise OtherSchema(f"table {contract.table} of the warehouse has columns that went or changed places: {REBUILD}")
    for name, kind in wanted.items():
        if name not in found:
            yield statement("add_column", table=identifier(contract.table), column=identifier(name), type=kind)
        elif found[name] != kind:
            raise OtherSchema(f"table {contract.table}, column {name} of the warehouse has another type: {REBUILD}")
