"""The audit: every suite, run by Great Expectations on a DuckDB file that nobody writes.

1. Validate each table's suite; keep counts only.
2. Validate what failed once more, to sample rows by key.
3. An expectation that raised is a broken validator: neither a pass nor bad data.
"""

import json
import math
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations.expectation import Expectation

from warehouse.check_result import CheckResult
from warehouse.contract import Contract, contracts
from warehouse.errors import AuditBroken
from warehouse.home import existing_snapshot
from warehouse.reading import open_snapshot
from warehouse.sql import identifier, statement
from warehouse.suites import Scope, expectations, name_of
from warehouse.validator import Results, table_batch, validate, validator

N_SAMPLES = 5
LONGEST_SAMPLE = 200  # characters of one value in a sampled row
Notify = Callable[[str, int, int], None]  # what, done, total


def ignore_progress(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


def audit(path: Path, tables: Iterable[str], run_id: str, notify: Notify = ignore_progress) -> list[CheckResult]:
    """Run the suites of ``tables`` on a run's rows in a DuckDB file; ``notify(table, done, total)`` after each table.

    Raises AuditBroken if the validator itself fails.
    """
    names = list(tables)
    results: list[CheckResult] = []
    scope, filled = Scope(run_id, alone=set(audited_runs(path)) == {run_id}), filled_tables(path, run_id)
    with validator(path) as source:
        for done, name in enumerate(names, start=1):
            contract = contracts()[name]
            batch = table_batch(source, name, scope.rows(name))
            checks = expectations(contract, scope, has_rows=name in filled)
            results += audit_table(batch, contract, checks, run_id)
            notify(name, done, len(names))
    return results


def check_snapshot(home: Path | None = None, notify: Notify = ignore_progress) -> list[CheckResult]:
    """Run every suite again, on every run of the published snapshot. Raises NoWarehouse, AuditBroken."""
    open_snapshot(home).close()  # refuses one of another version
    path = existing_snapshot(home)
    runs = audited_runs(path)
    parts = (audit(path, contracts(), run_id, part(notify, place, len(runs))) for place, run_id in enumerate(runs))
    return [result for results in parts for result in results]


def part(notify: Notify, place: int, n_parts: int) -> Notify:
    """Notice of the part ``place`` of a work of equal parts, as notice of the whole."""
    return lambda what, done, total: notify(what, place * total + done, n_parts * total)


def audited_runs(path: Path) -> list[str]:
    """Ids of all runs that the file holds rows of, refused ones included."""
    with duckdb.connect(str(path), read_only=True) as con:
        return [run_id for (run_id,) in con.execute(statement("audited_runs")).fetchall()]


def filled_tables(path: Path, run_id: str) -> set[str]:
    """Tables in which the run has rows."""
    with duckdb.connect(str(path), read_only=True) as con:
        texts = {name: statement("has_rows", table=identifier(name)) for name in contracts()}
        return {name for name, text in texts.items() if con.execute(text, {"run_id": run_id}).fetchall()}


def audit_table(batch: Batch, contract: Contract, checks: list[Expectation], run_id: str) -> list[CheckResult]:
    """Run some expectations of one table, and sample the rows that break them."""
    started = time.monotonic()
    found = _validated(batch, contract, checks, {"result_format": "BASIC"})
    samples = _samples(batch, contract, [check for check in checks if not found[name_of(check)].success])
    seconds = round(time.monotonic() - started, 3)
    return [_result(contract, run_id, one, samples.get(name, []), seconds) for name, one in found.items()]


def _samples(batch: Batch, contract: Contract, failed: list[Expectation]) -> dict[str, list[Any]]:
    """Up to N_SAMPLES rows that break each failed expectation: values by key, or what its query returned."""
    by_column = [check for check in failed if hasattr(check, "column")]
    by_query = [check for check in failed if not hasattr(check, "column")]
    keyed = {"partial_unexpected_count": N_SAMPLES, "unexpected_index_column_names": list(contract.key)}
    found = _validated(batch, contract, by_column, {"result_format": "SUMMARY", **keyed})
    rows = {name: one.result["partial_unexpected_index_list"] for name, one in found.items()}
    found = _validated(batch, contract, by_query, {"result_format": "COMPLETE"})
    return rows | {name: one.result["details"]["unexpected_rows"][:N_SAMPLES] for name, one in found.items()}


def _validated(batch: Batch, contract: Contract, checks: list[Expectation], result_format: dict[str, Any]) -> Results:
    """Results by check name. Raises AuditBroken for an expectation that raised."""
    found = validate(batch, checks, result_format) if checks else {}
    for name, one in found.items():
        if error := _exception(one.exception_info or {}):
            raise AuditBroken(
                f"the validator failed on table {contract.table}, check {name}: {error}. This is a fault of the check, "
                "not of the data; nothing was published"
            )
    return found


def _exception(info: dict[str, Any]) -> str | None:
    """The first line of what an expectation raised: GX gives one record, or one a metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    raised = [str(record["exception_message"]) for record in records if record.get("raised_exception")]
    return raised[0].splitlines()[0] if raised else None


def _result(
    contract: Contract, run_id: str, one: ExpectationValidationResult, sample: list[Any], seconds: float
) -> CheckResult:
    config, body = one.expectation_config, one.result
    assert config is not None  # GX gives every result its configuration
    unexpected = body.get("unexpected_count", body.get("observed_value")) or 0  # None where no row has a value
    return CheckResult(
        run_id=run_id,
        table_name=contract.table,
        check_name=str((config.meta or {})["check"]),
        column_name=config.kwargs.get("column"),
        expectation=config.type,
        meaning=str(config.description),
        success=bool(one.success),
        observed=json.dumps({"n_unexpected": unexpected, "n_rows": body.get("element_count")}),
        n_unexpected=int(unexpected),
        sample_rows=json.dumps([{key: _plain(value) for key, value in row.items()} for row in sample]),
        seconds=seconds,
        checked_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    )


def _plain(value: object) -> object:
    """A value for JSON: numbers and short texts as they are, all else as a text that is cut."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
