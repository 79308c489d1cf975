"""Which steps' rows break a check, so that they are refused and the others are not.

1. A check whose result shows ``step_key``: the new steps among those of the rows it returns.
2. A rule about single values: the new steps that fail it when it is asked of each one's rows alone.
3. Where that names none: the new steps that feed the tables that decide the check; or, if these are all old and only
   their combination is new, all of the run's steps that feed them; or, for what is wrong with the run itself, all.
"""

import duckdb
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.expectations.expectation import Expectation
from sqlalchemy.exc import DBAPIError

from warehouse.contracts.contract import Contract
from warehouse.expect_no_rows import ExpectNoRows
from warehouse.scope import LEDGER, Scope, Steps
from warehouse.sql import statement
from warehouse.suites import name_of, names_of
from warehouse.validator import table_batch, validate

ASSET = "{batch}"  # GX wants it in every query; ours say themselves which rows they look at


def blame(source: SQLDatasource, contract: Contract, scope: Scope, failed: list[Expectation]) -> dict[str, Steps]:
    """Step keys by the name of the failed check: at least one each."""
    queries = [check for check in failed if isinstance(check, ExpectNoRows)]
    columns = [check for check in failed if not isinstance(check, ExpectNoRows)]
    named = {name_of(check): _of_rows(source, check) & scope.new for check in queries}
    named |= _of_columns(source, contract, scope, columns)
    return {name_of(check): named[name_of(check)] or _of_tables(scope, names_of(check)) for check in failed}


def _of_rows(source: SQLDatasource, check: ExpectNoRows) -> Steps:
    """Keys that the rows themselves show; none if the query does not select them."""
    query = str(check.unexpected_rows_query).replace(ASSET, "(SELECT 1)")
    with source.get_engine().connect() as con:
        try:
            found = con.exec_driver_sql(statement("steps_that_break", query=query)).fetchall()
        except DBAPIError as error:
            if isinstance(error.orig, duckdb.BinderException):
                return frozenset()
            raise
    return frozenset(step for (step,) in found if step is not None)


def _of_columns(source: SQLDatasource, contract: Contract, scope: Scope, checks: list[Expectation]) -> dict[str, Steps]:
    broken: dict[str, set[str]] = {name_of(check): set() for check in checks}
    for step in sorted(scope.feeding([contract.table], scope.new)) if checks else ():
        batch = table_batch(source, f"{contract.table}-{step}", scope.new_rows(contract.table, [step]))
        for name, one in validate(batch, checks, {"result_format": "BOOLEAN_ONLY"}).items():
            if not one.success:
                broken[name].add(step)
    return {name: frozenset(steps) for name, steps in broken.items()}


def _of_tables(scope: Scope, names: frozenset[str]) -> Steps:
    measured = names - {LEDGER}
    return scope.feeding(measured, scope.new) or scope.feeding(measured) or frozenset(scope.steps)
