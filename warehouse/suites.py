"""The suites, built from the contracts: every column rule, key, reference and check of a table.

A rule is about single values, or it is a query for the rows that break it, which is what works at any size.

A suite is run on the rows of one run. In its queries ``batch`` is those rows, and the name of any other table stands
for that table's rows of the same run, so that no run is judged by what another one left. Which rules are asked of
which rows, and when they need not be asked again, ``Scope`` says.
"""

from collections.abc import Iterator
from itertools import takewhile

from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

from warehouse.column_rules import column_rules
from warehouse.contracts.contract import REALS, Contract
from warehouse.query import Query, mentioned, own
from warehouse.references import reference_rules
from warehouse.rule import Rule
from warehouse.scope import Scope, listed
from warehouse.sql import identifier, identifiers, literal, statement


def rules(contract: Contract, scope: Scope, *, has_rows: bool = True) -> list[Rule]:
    """Every rule about a table's rows of a run that is to be asked.

    ``has_rows``: whether there are rows that rules about single rows are to be asked of.
    """
    columns = list(column_rules(contract)) if has_rows else []
    new = [query for rule in (ROW_RULES if has_rows else ()) for query in rule(contract, scope)]
    if scope.is_asked([contract.table]):
        new += _count_rule(contract, scope)
    whole = [query for rule in RUN_RULES for query in rule(contract, scope) if scope.is_asked(query.names)]
    return [
        *columns,
        *(_rule(query, scope, scope.new_rows(contract.table)) for query in new),
        *(_rule(query, scope, scope.rows(contract.table)) for query in whole),
    ]


def _owner_rule(contract: Contract, _: Scope) -> Iterator[Query]:
    """On the rows of all runs: one that belongs to no run would be in no run's audit."""
    parts, names = {"table": identifier(contract.table), "columns": identifiers(contract.stored_key)}, own(contract)
    if contract.by_step:
        text = statement("check_step", through=identifier(contract.seen_through), **parts)
        yield Query("step_in_run", "Every row of the table belongs to a step of a run", text, names)
    elif contract.published_only:
        text = statement("check_run", **parts)
        yield Query("run_id_in_run", "Every row of the table belongs to a published run", text, names)
    else:
        text = statement("check_run_given", **parts)
        yield Query("run_id_given", "Every row of the table belongs to a run", text, names)


def _table_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    table, names = literal(f"stored.{identifier(contract.table)}"), own(contract)
    columns = ", ".join(f"({literal(column.name)}, {literal(column.type)})" for column in contract.stored_columns)
    text = statement("check_types", table=table, columns=columns)
    yield Query("types", "Columns and types are the contract's", text, names)


def _count_rule(contract: Contract, scope: Scope) -> Iterator[Query]:
    if contract.filled_by == "shards":
        parts = {"table": literal(contract.table), "step_keys": listed(scope.new)}
        meaning = "Rows are as many as the manifests say"
        yield Query("row_count", meaning, statement("check_row_count", **parts), own(contract))


def _key_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    """Each step's rows lie in one piece and ascend: shown in one pass and without memory, whatever their number.

    Rows are compared before any are left out: DuckDB keeps their order only as it reads them.
    """
    key, columns, names = ", ".join(contract.stored_key), identifiers(contract.stored_key), own(contract)
    if contract.filled_by == "warehouse":
        yield Query("key", f"{key} is unique", statement("check_unique", columns=columns), names)
    else:
        parts = {"table": identifier(contract.table), "step_keys": listed(scope.new)}
        text = statement("check_key", columns=columns, **parts)
        yield Query("key", f"Rows are in the order of {key}, no two alike", text, names)


def _key_of_run_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    """Needed only where rows of several steps meet: each step's own are unique already.

    Steps of different layers or effects share no leading columns of the key, and then no row is looked at again.
    """
    if contract.filled_by != "warehouse" and len(scope.feeding([contract.table])) > 1:
        columns = identifiers(contract.key)
        if contract.repeated:  # several steps may tell the same row
            text = statement("check_unique", columns=columns)
        else:
            text = statement("check_unique_among_steps", columns=columns, leading=identifiers(_leading(contract)))
        meaning = f"{', '.join(contract.key)} is unique in the run, whichever steps made the rows"
        yield Query("key_in_run", meaning, text, own(contract))


def _leading(contract: Contract) -> list[str]:
    """The ids that the key begins with, or its first column: of few values, beside the rows there are."""
    columns = [contract.column(name) for name in contract.key if name != "run_id"]
    ids = takewhile(lambda column: column.type == "VARCHAR" and not column.may_be_null, columns)
    return [column.name for column in ids] or [columns[0].name]


def _finite_rule(contract: Contract, _: Scope) -> Iterator[Query]:
    reals = [identifier(column.name) for column in contract.columns if column.type in REALS]
    if reals:
        condition = " OR ".join(f"NOT isfinite({name})" for name in reals)
        text = statement("check_finite", condition=condition)
        yield Query("finite", "No NaN and no infinity", text, own(contract))


def _unique_rules(contract: Contract, _: Scope) -> Iterator[Query]:
    for column in contract.columns:
        if column.unique:
            text = statement("check_unique", columns=identifiers(("run_id", column.name)))
            yield Query(f"{column.name}_unique", f"{column.name} is unique in the run", text, own(contract))


def _import_rules(contract: Contract, scope: Scope) -> Iterator[Query]:
    for column in contract.columns:
        name, names = identifier(column.name, "batch"), own(contract)
        if column.imported_null:
            text = _of_own_rows(contract, scope, f"{name} IS NULL")
            yield Query(f"{column.name}_null_if_imported", f"{column.name} is NULL in imported rows only", text, names)
        elif column.imported_only:
            text = _of_own_rows(contract, scope, f"{name} IS NOT NULL")
            yield Query(
                f"{column.name}_given_if_imported", f"{column.name} is given in imported rows only", text, names
            )


def _of_own_rows(contract: Contract, scope: Scope, condition: str) -> str:
    """Rows that were made here and not imported."""
    if not contract.by_step:
        return statement("check_own_rows_of_run", condition=condition)
    return statement("check_own_rows", condition=condition, imported=listed(scope.imported))


def _own_checks(contract: Contract, _: Scope) -> Iterator[Query]:
    for check in contract.checks:
        yield Query(check.name, check.meaning, check.sql, own(contract) | mentioned(check.sql))


def _rule(query: Query, scope: Scope, rows: str) -> Rule:
    others = "".join(
        statement("other_table", table=identifier(name), rows=scope.rows(name)).rstrip("\n")
        for name in sorted(mentioned(query.sql))
    )
    breaks = statement("rows_that_break", query=query.sql, rows=rows, others=others)
    asked = {"unexpected_rows_query": statement("unexpected_rows", query=breaks)}
    return Rule(query.check, query.meaning, query.names, breaks, UnexpectedRowsExpectation, asked)


ROW_RULES = (_key_rules, _finite_rule, _import_rules)
RUN_RULES = (_owner_rule, _table_rules, _key_of_run_rules, _unique_rules, reference_rules, _own_checks)
