"""The schema as SQL, generated from the contracts: what is stored, and the views and macros through which it is read.

Schema ``stored`` holds the tables, with rows of steps under ``step_key``. Schema ``main`` is what readers see: a view
of each table, with ``run_id`` in its place, the meanings as comments, and the views and macros on them.

No column is NOT NULL: a NULL is for the audit to find and show, and nothing but audited rows is ever published.
"""

from collections.abc import Iterable
from pathlib import Path

from warehouse.claims.schema import claims_sql
from warehouse.contracts.contract import Column, Contract, contracts
from warehouse.sql import identifier, identifiers, literal, statement

VIEWS = Path(__file__).parent / "views"
MACROS = Path(__file__).parent / "macros"


def tables_sql(tables: Iterable[Contract]) -> str:
    """Statements that create the stored tables."""
    return "".join(_table_sql(contract) for contract in _by_name(tables))


def views_sql() -> str:
    """CREATE OR REPLACE statements of everything that readers see, with comments: tables first, then what uses them."""
    seen = "".join(_view_sql(contract) for contract in _by_name(contracts().values()))
    views, macros = ("\n".join(path.read_text() for path in sorted(folder.glob("*.sql"))) for folder in (VIEWS, MACROS))
    return statement("create_checked_step") + seen + views + "\n" + macros + claims_sql()


def _by_name(tables: Iterable[Contract]) -> list[Contract]:
    return sorted(tables, key=lambda contract: contract.table)


def schema_sql() -> str:
    """The whole schema of today."""
    return statement("create_schema") + tables_sql(contracts().values()) + views_sql()


def _table_sql(contract: Contract) -> str:
    columns = ",\n    ".join(f"{identifier(column.name)} {column.type}" for column in contract.stored_columns)
    return statement("create_table", table=identifier(contract.table), columns=columns)


def _view_sql(contract: Contract) -> str:
    table = identifier(contract.table)
    created = statement("create_view", table=table, rows=rows_by_run(contract), meaning=literal(contract.meaning))
    return created + "".join(_comment_sql(table, column) for column in contract.columns)


def rows_by_run(contract: Contract) -> str:
    """The statement that gives a stored table's rows with the run that they belong to."""
    columns = identifiers(column.name for column in contract.columns)
    parts = {"table": identifier(contract.table), "columns": columns}
    if not contract.by_step:
        return statement("view_of_runs", **parts).strip()
    distinct = "DISTINCT " if contract.repeated else ""
    through = identifier(contract.seen_through)
    return statement("view_of_steps", distinct=distinct, through=through, **parts).strip()


def _comment_sql(table: str, column: Column) -> str:
    meaning = literal(comment_text(column))
    return statement("comment_on_column", table=table, column=identifier(column.name), meaning=meaning)


def comment_text(column: Column) -> str:
    """What the database says of a column: its meaning and unit."""
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning
