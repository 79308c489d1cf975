"""An expectation of our own: no row breaks any of a table's rules.

Great Expectations spends some 10 ms on each expectation, whatever it asks, and a warehouse has a thousand rules. So a
table's rules are first asked together: those about single values in one pass over the rows, the others one by one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metric_provider import QueryMetricProvider

from warehouse.rule import Rule
from warehouse.sql import literal, statement

BROKEN = "rules.rows_that_break"


class RowsThatBreak(QueryMetricProvider):
    """The number of rows that break each rule, by its name."""

    metric_name = BROKEN
    value_keys = ("queries",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        cls,  # noqa: N805  GX makes a class method of it
        execution_engine: SqlAlchemyExecutionEngine,
        metric_domain_kwargs: Mapping[str, Any],
        metric_value_kwargs: Mapping[str, Any],
        metrics: Mapping[str, Any],
        runtime_configuration: Mapping[str, Any],
    ) -> dict[str, int]:
        counts: dict[str, int] = {}
        for query in metric_value_kwargs["queries"]:
            counts |= dict(execution_engine.execute_query(sqlalchemy.text(query)).fetchall())
        return counts


class ExpectEveryRule(BatchExpectation):
    """Succeeds if no row breaks a rule; observes how many break each. ``queries``: those of ``counting``."""

    queries: list[str]
    metric_dependencies = (BROKEN,)
    success_keys = ("queries",)

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        counts = metrics[BROKEN]
        return {"success": not any(counts.values()), "result": {"observed_value": counts}}


def counting(rules: Iterable[Rule], rows: str) -> list[str]:
    """Queries that give each rule's name and the number of rows that break it; ``rows``: the statement of the batch."""
    of_values = [rule for rule in rules if rule.column]
    queries = [statement("count_broken", check=literal(r.check), query=r.breaks) for r in rules if not r.column]
    if not of_values:
        return queries
    checks = ", ".join(literal(rule.check) for rule in of_values)
    counts = ", ".join(statement("count_broken_values", condition=rule.breaks).strip() for rule in of_values)
    return [statement("count_all_broken_values", checks=checks, counts=counts, rows=rows), *queries]
