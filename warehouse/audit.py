"""The audit: every suite, run by Great Expectations on a DuckDB file that nobody writes.

1. Validate each table's suite; of each expectation, only whether it holds.
2. Validate what failed once more, to count the rows that break it and to sample some.
3. An expectation that raised is a broken validator: neither a pass nor bad data.
"""

import json
import math
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations.expectation import Expectation

from warehouse.check_result import CheckResult
from warehouse.contracts.contract import Contract, contracts
from warehouse.errors import AuditBroken
from warehouse.expect_no_rows import ExpectNoRows
from warehouse.home import existing_snapshot
from warehouse.reading import open_snapshot, row_counts
from warehouse.sql import statement
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
    scope, n_rows = Scope(run_id, alone=set(audited_runs(path)) == {run_id}), rows_to_audit(path, run_id)
    with validator(path) as source:
        for done, name in enumerate(names, start=1):
            contract = contracts()[name]
            batch = table_batch(source, name, scope.rows(name))
            checks = expectations(contract, scope, has_rows=n_rows[name] > 0)
            results += audit_table(batch, contract, checks, run_id, n_rows[name])
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


def rows_to_audit(path: Path, run_id: str) -> dict[str, int]:
    """Rows of the run in every table of the file."""
    with duckdb.connect(str(path), read_only=True) as con:
        return row_counts(con, run_id)


def audit_table(
    batch: Batch, contract: Contract, checks: list[Expectation], run_id: str, n_rows: int
) -> list[CheckResult]:
    """Run some expectations of one table of ``n_rows`` rows; count and sample the rows that break them."""
    started = time.monotonic()
    found = _validated(batch, contract, checks, {"result_format": "BOOLEAN_ONLY"})
    broken = _broken(batch, contract, [check for check in checks if not found[name_of(check)].success])
    seconds = round(time.monotonic() - started, 3)
    return [_result(contract, run_id, one, broken.get(name, NONE), n_rows, seconds) for name, one in found.items()]


class Broken(NamedTuple):
    """How many rows break an expectation, and up to N_SAMPLES of them."""

    n_rows: int
    sample: list[dict[str, Any]]


NONE = Broken(0, [])


def _broken(batch: Batch, contract: Contract, failed: list[Expectation]) -> dict[str, Broken]:
    """Rows that break each failed expectation: values by key, or what its query returned."""
    by_column = [check for check in failed if not isinstance(check, ExpectNoRows)]
    by_query: list[Expectation] = [check.showing_rows() for check in failed if isinstance(check, ExpectNoRows)]
    keyed = {"partial_unexpected_count": N_SAMPLES, "unexpected_index_column_names": list(contract.key)}
    columns = _validated(batch, contract, by_column, {"result_format": "SUMMARY", **keyed})
    queries = _validated(batch, contract, by_query, {"result_format": "COMPLETE"})
    return {
        name: Broken(one.result["unexpected_count"], one.result["partial_unexpected_index_list"])
        for name, one in columns.items()
    } | {
        name: Broken(int(one.result["observed_value"]), one.result["details"]["unexpected_rows"][:N_SAMPLES])
        for name, one in queries.items()
    }


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
    contract: Contract, run_id: str, one: ExpectationValidationResult, broken: Broken, n_rows: int, seconds: float
) -> CheckResult:
    config = one.expectation_config
    assert config is not None  # GX gives every result its configuration
    return CheckResult(
        run_id=run_id,
        table_name=contract.table,
        check_name=str((config.meta or {})["check"]),
        column_name=config.kwargs.get("column"),
        expectation=config.type,
        meaning=str(config.description),
        success=bool(one.success),
        observed=json.dumps({"n_unexpected": broken.n_rows, "n_rows": n_rows}),
        n_unexpected=broken.n_rows,
        sample_rows=json.dumps([{key: _plain(value) for key, value in row.items()} for row in broken.sample]),
        seconds=seconds,
        checked_at=datetime.now(UTC).replace(tzinfo=None, microsecond=0),
    )


def _plain(value: object) -> object:
    """A value for JSON: numbers and short texts as they are, all else as a text that is cut."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
