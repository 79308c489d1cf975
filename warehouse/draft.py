"""The next migration, drafted from what the contracts say more than the migrations so far.

``python -m warehouse.draft NAME`` writes ``migrations/<next>_<NAME>.sql``: new tables, new columns at the end of their
table, changed meanings. What takes thought (a column that goes, or changes its type or place; values for old rows) is
left to its author, and refused here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse.contracts.contract import Column, Contract, checked_identifier, contracts
from warehouse.ddl import comment_text, tables_sql
from warehouse.errors import UnknownName
from warehouse.migrate import FOLDER, migrate_tables, migrations
from warehouse.sql import identifier, literal, statement

Columns = dict[str, tuple[str, str]]  # type and comment by name, in the table's order


def draft(folder: Path = FOLDER) -> str:
    """Statements that bring a migrated warehouse to the contracts; empty if nothing is missing.

    Raises UnknownName for a change that needs a hand.
    """
    with duckdb.connect() as con:
        migrate_tables(con, folder)  # views may already read what is to be added
        tables = dict(con.execute(statement("schema_tables")).fetchall())
        columns: dict[str, Columns] = {}
        for table, name, kind, comment in con.execute(statement("schema_columns")).fetchall():
            columns.setdefault(table, {})[name] = (kind, comment)
    if gone := set(tables) - set(contracts()) - {"schema_migration"}:
        raise UnknownName(f"table {min(gone)} has no contract any more: write that migration by hand")
    found = (_changes(contract, tables, columns.get(contract.table, {})) for contract in contracts().values())
    return "".join(line for changes in found for line in changes)


def _changes(contract: Contract, tables: dict[str, str], columns: Columns) -> Iterator[str]:
    if contract.table not in tables:
        yield tables_sql([contract])
        return
    table = identifier(contract.table)
    if tables[contract.table] != contract.meaning:
        yield statement("comment_on_table", table=table, meaning=literal(contract.meaning))
    wanted = {column.name: column for column in contract.columns}
    if list(wanted)[: len(columns)] != list(columns):
        raise UnknownName(f"table {contract.table}: columns went or changed places: write that migration by hand")
    for name, column in wanted.items():
        yield from _column_changes(table, column, columns.get(name))


def _column_changes(table: str, column: Column, found: tuple[str, str] | None) -> Iterator[str]:
    name = identifier(column.name)
    if found is None:
        yield statement("add_column", table=table, column=name, type=column.type)
    elif found[0] != column.type:
        raise UnknownName(f"table {table}, column {name}: its type has changed: write that migration by hand")
    if found is None or found[1] != comment_text(column):
        yield statement("comment_on_column", table=table, column=name, meaning=literal(comment_text(column)))


def main(name: str, folder: Path = FOLDER) -> Path | None:
    """Write the next migration under this name; None if there is nothing to write."""
    text = draft(folder)
    if not text:
        return None
    number = 1 + max((migration.version for migration in migrations(folder)), default=0)
    path = folder / f"{number:04d}_{checked_identifier(name)}.sql"
    path.write_text(text)
    return path


if __name__ == "__main__":
    print(main(sys.argv[1]) or "the migrations already build what the contracts say")
