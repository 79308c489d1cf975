"""Rules about single values, from a contract's columns, as Great Expectations' column expectations."""

from collections.abc import Iterator

from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.expectation import Expectation

from warehouse.contracts.contract import Column, Contract


def column_rules(contract: Contract) -> Iterator[Expectation]:
    """What no value of a column may be: NULL, out of bounds, or none of those allowed."""
    for column in contract.columns:
        name = column.name
        if not column.may_be_null and not (name == "run_id" or (name == "step_key" and contract.by_step)):
            text = f"{name} is never NULL"
            yield ExpectColumnValuesToNotBeNull(column=name, description=text, meta=_meta(contract, f"{name}_not_null"))
        if column.min is not None or column.max is not None:
            yield _between(contract, column)
        if column.allowed is not None:
            text = f"{name} is one of {', '.join(column.allowed)}"
            values, meta = list(column.allowed), _meta(contract, f"{name}_allowed")
            yield ExpectColumnValuesToBeInSet(column=name, value_set=values, description=text, meta=meta)


def _between(contract: Contract, column: Column) -> Expectation:
    low, high = ("any" if bound is None else f"{bound:g}" for bound in (column.min, column.max))
    return ExpectColumnValuesToBeBetween(
        column=column.name,
        min_value=column.min,
        max_value=column.max,
        description=f"{column.name} is between {low} and {high}",
        meta=_meta(contract, f"{column.name}_range"),
    )


def _meta(contract: Contract, check: str) -> dict[str, object]:
    return {"check": check, "names": [contract.table]}
