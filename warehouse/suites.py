"""Great Expectations suites, built from the contracts: every column rule, key, reference and check of a table.

Rules about single values use GX's column expectations. Everything else is a query for the rows that break it
(UnexpectedRowsExpectation), because that is what works on DuckDB at any size.
"""

from collections.abc import Iterator

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation

from warehouse.contract import REALS, Column, Contract, Reference
from warehouse.sql import identifier, identifiers, literal, statement


def expectations(contract: Contract) -> list[Expectation]:
    """Every expectation of a table; ``meta["check"]`` is its name, unique in the table."""
    return [*_table_rules(contract), *_column_rules(contract), *_reference_rules(contract), *_own_checks(contract)]


def name_of(expectation: Expectation) -> str:
    """The check's name."""
    return str((expectation.meta or {})["check"])


def _table_rules(contract: Contract) -> Iterator[Expectation]:
    table = literal(contract.table)
    columns = ", ".join(f"({literal(column.name)}, {literal(column.type)})" for column in contract.columns)
    yield _rows("types", "Columns and types are the contract's", statement("check_types", table=table, columns=columns))
    key = identifiers(contract.key)
    yield _rows("key", f"{', '.join(contract.key)} is unique", statement("check_unique", columns=key))
    if contract.filled_by == "shards":
        text = statement("check_row_count", table=table)
        yield _rows("row_count", "Rows are as many as the manifests say", text)
    reals = [identifier(column.name) for column in contract.columns if column.type in REALS]
    if reals:
        condition = " OR ".join(f"NOT isfinite({name})" for name in reals)
        yield _rows("finite", "No NaN and no infinity", statement("check_finite", condition=condition))


def _column_rules(contract: Contract) -> Iterator[Expectation]:
    for column in contract.columns:
        name = column.name
        if column.imported_null:
            text = statement("check_own_rows", condition=f"{identifier(name, 'batch')} IS NULL")
            yield _rows(f"{name}_null_if_imported", f"{name} is NULL in imported runs only", text)
        elif column.imported_only:
            text = statement("check_own_rows", condition=f"{identifier(name, 'batch')} IS NOT NULL")
            yield _rows(f"{name}_given_if_imported", f"{name} is given in imported runs only", text)
        elif not column.nullable:
            text = f"{name} is never NULL"
            yield ExpectColumnValuesToNotBeNull(column=name, description=text, meta={"check": f"{name}_not_null"})
        if column.min is not None or column.max is not None:
            yield _between(column)
        if column.allowed is not None:
            text = f"{name} is one of {', '.join(column.allowed)}"
            values, meta = list(column.allowed), {"check": f"{name}_allowed"}
            yield ExpectColumnValuesToBeInSet(column=name, value_set=values, description=text, meta=meta)
        if column.unique:
            text = statement("check_unique", columns=identifiers(("run_id", name)))
            yield _rows(f"{name}_unique", f"{name} is unique in the run", text)


def _between(column: Column) -> Expectation:
    low, high = ("any" if bound is None else f"{bound:g}" for bound in (column.min, column.max))
    return ExpectColumnValuesToBeBetween(
        column=column.name,
        min_value=column.min,
        max_value=column.max,
        description=f"{column.name} is between {low} and {high}",
        meta={"check": f"{column.name}_range"},
    )


def _reference_rules(contract: Contract) -> Iterator[Expectation]:
    to_run = Reference(columns=("run_id",), table="run", to=("run_id",))
    for reference in () if contract.table == "run" else (to_run, *contract.references):
        names = ", ".join(reference.columns)
        pairs = zip(("run_id", *reference.columns), ("run_id", *reference.to), strict=True)
        same = " AND ".join(f"{identifier(a, 'batch')} = {identifier(b, 'referred')}" for a, b in pairs)
        given = " AND ".join(f"{identifier(name, 'batch')} IS NOT NULL" for name in reference.columns)
        text = statement("check_reference", table=identifier(reference.table), same=same, given=given)
        check = f"{'_'.join(reference.columns)}_in_{reference.table}"
        yield _rows(check, f"{names} exists in {reference.table}", text)


def _own_checks(contract: Contract) -> Iterator[Expectation]:
    for check in contract.checks:
        yield _rows(check.name, check.meaning, check.sql)


def _rows(check: str, meaning: str, query: str) -> Expectation:
    text = statement("rows_that_break", query=query)
    return UnexpectedRowsExpectation(unexpected_rows_query=text, description=meaning, meta={"check": check})
