"""Great Expectations suites, built from the contracts: every column rule, key, reference and check of a table.

Rules about single values use GX's column expectations. Everything else is a query for the rows that break it
(ExpectNoRows), because that is what works on DuckDB at any size.

A suite is run on the rows of one run. In its queries ``batch`` is those rows, and the name of any other table stands
for that table's rows of the same run, so that no run is judged by what another one left.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.expectation import Expectation

from warehouse.contracts.contract import REALS, Column, Contract, contracts
from warehouse.expect_no_rows import ExpectNoRows
from warehouse.sql import identifier, identifiers, literal, statement


@dataclass(frozen=True)
class Scope:
    """The run whose rows are checked; ``alone``: the file holds no other, so that its rows need no filter."""

    run_id: str
    alone: bool = False

    def rows(self, table: str) -> str:
        """The statement that gives a table's rows of the run."""
        name = identifier(table)
        run_id = literal(self.run_id)
        text = statement("all_rows", table=name) if self.alone else statement("rows_of_run", table=name, run_id=run_id)
        return text.strip()


def expectations(contract: Contract, scope: Scope, *, has_rows: bool = True) -> list[Expectation]:
    """Every expectation of a table's rows of a run; ``meta["check"]`` is its name, unique in the table.

    Where the run has no rows, those that only a row could break are left out.
    """
    rules = (_run_rule, _table_rules, *(ROW_RULES if has_rows else ()), _own_checks)
    queries = [query for rule in rules for query in rule(contract)]
    columns = _column_rules(contract) if has_rows else ()
    return [*columns, *(_rows(name, meaning, query, scope) for name, meaning, query in queries)]


def name_of(expectation: Expectation) -> str:
    """The check's name."""
    return str((expectation.meta or {})["check"])


Query = tuple[str, str, str]  # name, meaning, rows that break it


def _run_rule(contract: Contract) -> Iterator[Query]:
    """On the rows of all runs: one that belongs to no run would be in no run's audit."""
    parts = {"table": identifier(contract.table), "columns": identifiers(contract.key)}
    if contract.published_only:
        yield "run_id_in_run", "Every row of the table belongs to a published run", statement("check_run", **parts)
    else:
        yield "run_id_given", "Every row of the table belongs to a run", statement("check_run_given", **parts)


def _table_rules(contract: Contract) -> Iterator[Query]:
    table = literal(contract.table)
    columns = ", ".join(f"({literal(column.name)}, {literal(column.type)})" for column in contract.columns)
    yield "types", "Columns and types are the contract's", statement("check_types", table=table, columns=columns)
    if contract.filled_by == "shards":
        yield "row_count", "Rows are as many as the manifests say", statement("check_row_count", table=table)


def _key_rules(contract: Contract) -> Iterator[Query]:
    key, columns = ", ".join(contract.key), identifiers(contract.key)
    if contract.filled_by == "warehouse":
        yield "key", f"{key} is unique", statement("check_unique", columns=columns)
    else:  # in one pass and without memory: sorted rows that ascend are different ones
        yield "key", f"Rows are in the order of {key}, no two alike", statement("check_key", columns=columns)


def _finite_rule(contract: Contract) -> Iterator[Query]:
    reals = [identifier(column.name) for column in contract.columns if column.type in REALS]
    if reals:
        condition = " OR ".join(f"NOT isfinite({name})" for name in reals)
        yield "finite", "No NaN and no infinity", statement("check_finite", condition=condition)


def _unique_rules(contract: Contract) -> Iterator[Query]:
    for column in contract.columns:
        if column.unique:
            text = statement("check_unique", columns=identifiers(("run_id", column.name)))
            yield f"{column.name}_unique", f"{column.name} is unique in the run", text


def _import_rules(contract: Contract) -> Iterator[Query]:
    for column in contract.columns:
        name = identifier(column.name, "batch")
        if column.imported_null:
            text = statement("check_own_rows", condition=f"{name} IS NULL")
            yield f"{column.name}_null_if_imported", f"{column.name} is NULL in imported runs only", text
        elif column.imported_only:
            text = statement("check_own_rows", condition=f"{name} IS NOT NULL")
            yield f"{column.name}_given_if_imported", f"{column.name} is given in imported runs only", text


def _column_rules(contract: Contract) -> Iterator[Expectation]:
    for column in contract.columns:
        name = column.name
        if not column.may_be_null and name != "run_id":
            text = f"{name} is never NULL"
            yield ExpectColumnValuesToNotBeNull(column=name, description=text, meta={"check": f"{name}_not_null"})
        if column.min is not None or column.max is not None:
            yield _between(column)
        if column.allowed is not None:
            text = f"{name} is one of {', '.join(column.allowed)}"
            values, meta = list(column.allowed), {"check": f"{name}_allowed"}
            yield ExpectColumnValuesToBeInSet(column=name, value_set=values, description=text, meta=meta)


def _between(column: Column) -> Expectation:
    low, high = ("any" if bound is None else f"{bound:g}" for bound in (column.min, column.max))
    return ExpectColumnValuesToBeBetween(
        column=column.name,
        min_value=column.min,
        max_value=column.max,
        description=f"{column.name} is between {low} and {high}",
        meta={"check": f"{column.name}_range"},
    )


def _reference_rules(contract: Contract) -> Iterator[Query]:
    for reference in contract.references:
        names = ", ".join(reference.columns)
        pairs = zip(reference.columns, reference.to, strict=True)
        same = " AND ".join(f"{identifier(a, 'batch')} = {identifier(b, 'referred')}" for a, b in pairs)
        given = " AND ".join(f"{identifier(name, 'batch')} IS NOT NULL" for name in reference.columns)
        text = statement("check_reference", table=identifier(reference.table), same=same, given=given)
        yield f"{'_'.join(reference.columns)}_in_{reference.table}", f"{names} exists in {reference.table}", text


def _own_checks(contract: Contract) -> Iterator[Query]:
    for check in contract.checks:
        yield check.name, check.meaning, check.sql


def _rows(check: str, meaning: str, query: str, scope: Scope) -> Expectation:
    mentioned = {name for name in re.findall(r"\w+", query) if name in contracts()} - {"batch"}
    others = "".join(
        statement("other_table", table=identifier(name), rows=scope.rows(name)).rstrip("\n")
        for name in sorted(mentioned)
    )
    text = statement("rows_that_break", query=query, others=others)
    return ExpectNoRows(unexpected_rows_query=text, description=meaning, meta={"check": check})


ROW_RULES = (_key_rules, _finite_rule, _unique_rules, _import_rules, _reference_rules)
