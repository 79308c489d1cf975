"""Rules about single values, from a contract's columns."""

from collections.abc import Iterator
from typing import Any

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.expectation import Expectation

from warehouse.contracts.contract import Column, Contract
from warehouse.query import own
from warehouse.rule import Rule
from warehouse.sql import identifier, literal


def column_rules(contract: Contract) -> Iterator[Rule]:
    """What no value of a column may be: NULL, out of bounds, or none of those allowed."""
    for column in contract.columns:
        name = column.name
        if not column.may_be_null and not (name == "run_id" or (name == "step_key" and contract.by_step)):
            yield _rule(
                contract, column, "not_null", "never NULL", "{value} IS NULL", ExpectColumnValuesToNotBeNull, {}
            )
        if column.min is not None or column.max is not None:
            yield _between(contract, column)
        if column.allowed is not None:
            meaning = f"one of {', '.join(column.allowed)}"
            condition = f"{{value}} NOT IN ({', '.join(map(literal, column.allowed))})"
            values = {"value_set": list(column.allowed)}
            yield _rule(contract, column, "allowed", meaning, condition, ExpectColumnValuesToBeInSet, values)


def _between(contract: Contract, column: Column) -> Rule:
    bounds = {"<": column.min, ">": column.max}
    low, high = ("any" if bound is None else f"{bound:g}" for bound in bounds.values())
    outside = [f"{{value}} {sign} {bound!r}::DOUBLE" for sign, bound in bounds.items() if bound is not None]
    return _rule(
        contract,
        column,
        "range",
        f"between {low} and {high}",
        " OR ".join(outside),
        ExpectColumnValuesToBeBetween,
        {"min_value": column.min, "max_value": column.max},
    )


def _rule(
    contract: Contract,
    column: Column,
    check: str,
    meaning: str,
    condition: str,
    kind: type[Expectation],
    arguments: dict[str, Any],
) -> Rule:
    """``condition``: on ``{value}``."""
    return Rule(
        f"{column.name}_{check}",
        f"{column.name} is {meaning}",
        own(contract),
        condition.replace("{value}", identifier(column.name, "batch")),
        kind,
        {"column": column.name, **arguments},
        column.name,
    )
