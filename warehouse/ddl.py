"""The schema as SQL, generated from the contracts: tables, types, NOT NULL, comments; and the views on them."""

from collections.abc import Iterable
from pathlib import Path

from warehouse.contract import Column, Contract, contracts
from warehouse.sql import identifier, literal, statement

VIEWS = Path(__file__).parent / "views"


def tables_sql(tables: Iterable[Contract], *, constrained: bool = True) -> str:
    """CREATE TABLE and COMMENT statements. Staging has no NOT NULL: a NULL is for the audit to report."""
    return "\n".join(_table_sql(contract, constrained) for contract in tables)


def views_sql() -> str:
    """CREATE OR REPLACE VIEW statements, in file-name order."""
    return "\n".join(path.read_text() for path in sorted(VIEWS.glob("*.sql")))


def schema_sql(*, constrained: bool = True) -> str:
    """The whole schema of today."""
    return tables_sql(contracts().values(), constrained=constrained) + views_sql()


def _table_sql(contract: Contract, constrained: bool) -> str:
    table = identifier(contract.table)
    columns = ",\n    ".join(_column_sql(column, constrained) for column in contract.columns)
    created = statement("create_table", table=table, columns=columns, meaning=literal(contract.meaning))
    return created + "".join(_comment_sql(table, column) for column in contract.columns)


def _column_sql(column: Column, constrained: bool) -> str:
    required = " NOT NULL" if constrained and not column.may_be_null else ""
    return f"{identifier(column.name)} {column.type}{required}"


def _comment_sql(table: str, column: Column) -> str:
    meaning = f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
    return statement("comment_on_column", table=table, column=identifier(column.name), meaning=literal(meaning))
