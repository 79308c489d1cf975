"""The schema as SQL, generated from the contracts: tables, types, comments; and the views and macros on them.

No column is NOT NULL: a NULL is for the audit to find and show, and nothing but audited rows is ever published.
"""

from collections.abc import Iterable
from pathlib import Path

from warehouse.contracts.contract import Column, Contract, contracts
from warehouse.sql import identifier, literal, statement

VIEWS = Path(__file__).parent / "views"
MACROS = Path(__file__).parent / "macros"


def tables_sql(tables: Iterable[Contract]) -> str:
    """CREATE TABLE and COMMENT statements."""
    return "\n".join(_table_sql(contract) for contract in tables)


def views_sql() -> str:
    """CREATE OR REPLACE statements of views and macros, in file-name order."""
    return "\n".join(path.read_text() for folder in (VIEWS, MACROS) for path in sorted(folder.glob("*.sql")))


def schema_sql() -> str:
    """The whole schema of today."""
    return tables_sql(contracts().values()) + views_sql()


def _table_sql(contract: Contract) -> str:
    table = identifier(contract.table)
    columns = ",\n    ".join(f"{identifier(column.name)} {column.type}" for column in contract.columns)
    created = statement("create_table", table=table, columns=columns, meaning=literal(contract.meaning))
    return created + "".join(_comment_sql(table, column) for column in contract.columns)


def _comment_sql(table: str, column: Column) -> str:
    meaning = literal(comment_text(column))
    return statement("comment_on_column", table=table, column=identifier(column.name), meaning=meaning)


def comment_text(column: Column) -> str:
    """What the database says of a column: its meaning and unit."""
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
