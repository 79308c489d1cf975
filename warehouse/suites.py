"""Great Expectations suites, built from the contracts: every column rule, key, reference and check of a table.

Rules about single values use GX's column expectations. Everything else is a query for the rows that break it
(ExpectNoRows), because that is what works on DuckDB at any size.

A suite is run on the rows of one run. In its queries ``batch`` is those rows, and the name of any other table stands
for that table's rows of the same run, so that no run is judged by what another one left. Which rules are asked of
which rows, and when they need not be asked again, ``Scope`` says.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from great_expectations.expectations.expectation import Expectation

from warehouse.column_rules import column_rules
from warehouse.contracts.contract import REALS, Contract, contracts
from warehouse.expect_no_rows import ExpectNoRows
from warehouse.scope import Scope, listed
from warehouse.sql import identifier, identifiers, literal, statement


class Query(NamedTuple):
    """A rule as the query for rows that break it; ``names``: the tables whose rows decide it."""

    check: str
    meaning: str
    sql: str
    names: frozenset[str]


def expectations(contract: Contract, scope: Scope, *, has_rows: bool = True) -> list[Expectation]:
    """Every expectation of a table's rows of a run that is to be asked; ``meta["check"]`` is its name in the table.

    ``has_rows``: whether there are rows that rules about single rows are to be asked of.
    """
    columns = list(column_rules(contract)) if has_rows else []
    new = [query for rule in (ROW_RULES if has_rows else ()) for query in rule(contract, scope)]
    if scope.is_asked([contract.table]):
        new += _count_rule(contract, scope)
    whole = [query for rule in RUN_RULES for query in rule(contract, scope) if scope.is_asked(query.names)]
    return [
        *columns,
        *(_rows(contract, query, scope, scope.new_rows(contract.table)) for query in new),
        *(_rows(contract, query, scope, scope.rows(contract.table)) for query in whole),
    ]


def name_of(expectation: Expectation) -> str:
    """The check's name."""
    return str((expectation.meta or {})["check"])


def names_of(expectation: Expectation) -> frozenset[str]:
    """The tables whose rows decide it."""
    return frozenset((expectation.meta or {})["names"])


def _owner_rule(contract: Contract, _: Scope) -> Iterator[Query]:
    """On the rows of all runs: one that belongs to no run would be in no run's audit."""
    parts, own = {"table": identifier(contract.table), "columns": identifiers(contract.stored_key)}, _own(contract)
    if contract.by_step:
        text = statement("check_step", through=identifier(contract.seen_through), **parts)
        yield Query("step_in_run", "Every row of the table belongs to a step of a run", text, own)
    elif contract.published_only:
        text = statement("check_run", **parts)
        yield Query("run_id_in_run", "Every row of the table belongs to a published run", text, own)
    else:
        text = statement("check_run_given", **parts)
        yield Query("run_id_given", "Every row of the table belongs to a run", text, own)


def _table_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    table, own = literal(contract.table), _own(contract)
    columns = ", ".join(f"({literal(column.name)}, {literal(column.type)})" for column in contract.stored_columns)
    text = statement("check_types", table=table, columns=columns)
    yield Query("types", "Columns and types are the contract's", text, own)


def _count_rule(contract: Contract, scope: Scope) -> Iterator[Query]:
    if contract.filled_by == "shards":
        parts = {"table": literal(contract.table), "step_keys": listed(scope.new)}
        meaning = "Rows are as many as the manifests say"
        yield Query("row_count", meaning, statement("check_row_count", **parts), _own(contract))


def _key_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    key, columns, own = ", ".join(contract.stored_key), identifiers(contract.stored_key), _own(contract)
    if contract.filled_by == "warehouse":
        yield Query("key", f"{key} is unique", statement("check_unique", columns=columns), own)
    else:  # in one pass and without memory: sorted rows that ascend are different ones
        text = statement("check_key", columns=columns)
        yield Query("key", f"Rows are in the order of {key}, no two alike", text, own)


def _key_of_run_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    """Needed only where rows of several steps meet."""
    if contract.filled_by != "warehouse" and len(scope.feeding([contract.table])) > 1:
        text = statement("check_unique", columns=identifiers(contract.key))
        meaning = f"{', '.join(contract.key)} is unique in the run, whichever steps made the rows"
        yield Query("key_in_run", meaning, text, _own(contract))


def _finite_rule(contract: Contract, _: Scope) -> Iterator[Query]:
    reals = [identifier(column.name) for column in contract.columns if column.type in REALS]
    if reals:
        condition = " OR ".join(f"NOT isfinite({name})" for name in reals)
        text = statement("check_finite", condition=condition)
        yield Query("finite", "No NaN and no infinity", text, _own(contract))


def _unique_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    for column in contract.columns:
        if column.unique:
            text = statement("check_unique", columns=identifiers(("run_id", column.name)))
            yield Query(f"{column.name}_unique", f"{column.name} is unique in the run", text, _own(contract))


def _import_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    for column in contract.columns:
        name, own = identifier(column.name, "batch"), _own(contract)
        if column.imported_null:
            text = _of_own_rows(contract, scope, f"{name} IS NULL")
            yield Query(f"{column.name}_null_if_imported", f"{column.name} is NULL in imported rows only", text, own)
        elif column.imported_only:
            text = _of_own_rows(contract, scope, f"{name} IS NOT NULL")
            yield Query(f"{column.name}_given_if_imported", f"{column.name} is given in imported rows only", text, own)


def _of_own_rows(contract: Contract, scope: Scope, condition: str) -> str:
    """Rows that were made here and not imported."""
    if not contract.by_step:
        return statement("check_own_rows_of_run", condition=condition)
    return statement("check_own_rows", condition=condition, imported=listed(scope.imported))


def _reference_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    for reference in contract.references:
        names = ", ".join(reference.columns)
        pairs = zip(reference.columns, reference.to, strict=True)
        same = " AND ".join(f"{identifier(a, 'batch')} = {identifier(b, 'referred')}" for a, b in pairs)
        given = " AND ".join(f"{identifier(name, 'batch')} IS NOT NULL" for name in reference.columns)
        text = statement("check_reference", table=identifier(reference.table), same=same, given=given)
        check, meaning = f"{'_'.join(reference.columns)}_in_{reference.table}", f"{names} exists in {reference.table}"
        yield Query(check, meaning, text, frozenset({contract.table, reference.table}))


def _own_checks(contract: Contract, _: Scope) -> Iterator[Query]:
    for check in contract.checks:
        yield Query(check.name, check.meaning, check.sql, _own(contract) | _mentioned(check.sql))


def _own(contract: Contract) -> frozenset[str]:
    return frozenset({contract.table})


def _mentioned(sql: str) -> frozenset[str]:
    """Tables that the text may name: a column of that name counts as well, which only costs time."""
    return frozenset(name for name in re.findall(r"\w+", sql) if name in contracts()) - {"batch"}


def _rows(contract: Contract, query: Query, scope: Scope, rows: str) -> Expectation:
    others = "".join(
        statement("other_table", table=identifier(name), rows=scope.rows(name)).rstrip("\n")
        for name in sorted(_mentioned(query.sql))
    )
    text = statement("rows_that_break", query=query.sql, rows=rows, others=others)
    meta = {"check": query.check, "names": sorted(query.names)}
    return ExpectNoRows(unexpected_rows_query=text, description=query.meaning, meta=meta)


ROW_RULES = (_key_rules, _finite_rule, _import_rules)
RUN_RULES = (_owner_rule, _table_rules, _key_of_run_rules, _unique_rules, _reference_rules, _own_checks)
