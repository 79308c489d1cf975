"""Put a table's rules to Great Expectations: how many rows break each, and which."""

from typing import Any

from great_expectations.datasource.fluent.interfaces import Batch

from warehouse.contracts.contract import Contract
from warehouse.errors import AuditBroken
from warehouse.expect_every_rule import ExpectEveryRule, counting
from warehouse.rule import Rule
from warehouse.validator import Results, validate

N_SAMPLES = 5


def counts_of(batch: Batch, contract: Contract, asked: list[Rule], rows: str) -> dict[str, int]:
    """How many rows break each rule, by its name. Raises AuditBroken, naming the rule that could not be asked."""
    every = ExpectEveryRule(queries=counting(asked, rows), meta={"check": "every rule"})
    (found,) = validate(batch, [every], {"result_format": "SUMMARY"}).values()
    if error := _exception(found.exception_info or {}):
        _validated(batch, contract, asked, {"result_format": "BOOLEAN_ONLY"})  # one by one: whose fault is it?
        raise _broken(contract, "every rule", error)
    return {name: int(n_rows) for name, n_rows in found.result["observed_value"].items()}


def samples_of(batch: Batch, contract: Contract, failed: list[Rule]) -> dict[str, list[dict[str, Any]]]:
    """Up to N_SAMPLES of the rows that break each failed rule: values by key, or what its query returned."""
    by_column, by_query = [rule for rule in failed if rule.column], [rule for rule in failed if not rule.column]
    keyed = {"partial_unexpected_count": N_SAMPLES, "unexpected_index_column_names": list(contract.key)}
    columns = _validated(batch, contract, by_column, {"result_format": "SUMMARY", **keyed})
    queries = _validated(batch, contract, by_query, {"result_format": "COMPLETE"})
    if held := [name for name, one in (columns | queries).items() if one.success]:
        raise _broken(contract, held[0], "it holds when it is asked alone, and does not beside the others")
    return {name: one.result["partial_unexpected_index_list"] for name, one in columns.items()} | {
        name: one.result["details"]["unexpected_rows"][:N_SAMPLES] for name, one in queries.items()
    }


def _validated(batch: Batch, contract: Contract, asked: list[Rule], result_format: dict[str, Any]) -> Results:
    """Results by check name. Raises AuditBroken for an expectation that raised."""
    found = validate(batch, [rule.expectation() for rule in asked], result_format) if asked else {}
    for name, one in found.items():
        if error := _exception(one.exception_info or {}):
            raise _broken(contract, name, error)
    return found


def _broken(contract: Contract, check: str, error: str) -> AuditBroken:
    return AuditBroken(
        f"the validator failed on table {contract.table}, check {check}: {error}. This is a fault of the check, "
        "not of the data; nothing was published"
    )


def _exception(info: dict[str, Any]) -> str | None:
    """The first line of what an expectation raised: GX gives one record, or one a metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    raised = [str(record["exception_message"]) for record in records if record.get("raised_exception")]
    return raised[0].splitlines()[0] if raised else None
