"""Which steps' rows break a check, so that they are refused and the others are not.

1. A check that shows ``step_key`` with the rows that break it, as every rule about single values does: the new steps
   among them.
2. Where that names none: the new steps that feed the tables that decide the check; or, if these are all old and only
   their combination is new, all of the run's steps that feed them; or, for what is wrong with the run itself, all.
"""

from collections.abc import Iterable

import duckdb
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from sqlalchemy.exc import DBAPIError

from warehouse.contracts.contract import Contract
from warehouse.rule import Rule
from warehouse.scope import LEDGER, Scope, Steps
from warehouse.sql import statement


def blame(source: SQLDatasource, contract: Contract, scope: Scope, failed: Iterable[Rule]) -> dict[str, Steps]:
    """Step keys by the name of the failed check: at least one each."""
    rows = scope.new_rows(contract.table)
    named = {rule.check: _of_rows(source, rule.rows(rows)) & scope.new for rule in failed}
    return {rule.check: named[rule.check] or _of_tables(scope, rule.names) for rule in failed}


def _of_rows(source: SQLDatasource, query: str) -> Steps:
    """Keys that the rows themselves show; none if the query does not select them."""
    with source.get_engine().connect() as con:
        try:
            found = con.exec_driver_sql(statement("steps_that_break", query=query)).fetchall()
        except DBAPIError as error:
            if isinstance(error.orig, duckdb.BinderException):
                return frozenset()
            raise
    return frozenset(step for (step,) in found if step is not None)


def _of_tables(scope: Scope, names: frozenset[str]) -> Steps:
    measured = names - {LEDGER}
    return scope.feeding(measured, scope.new) or scope.feeding(measured) or frozenset(scope.steps)
