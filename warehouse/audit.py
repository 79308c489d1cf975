"""The audit: every suite, run by Great Expectations on a DuckDB file that nobody writes.

1. Validate each table's suite on the rows of all new steps together; of each expectation, only whether it holds.
2. Validate what failed once more, to count the rows that break it and to sample some; and find out whose rows they are.
3. An expectation that raised is a broken validator: neither a pass nor bad data.
"""

import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.expectations.expectation import Expectation

from warehouse.blame import blame
from warehouse.check_result import CheckResult, observed
from warehouse.contracts.contract import Contract, contracts
from warehouse.errors import AuditBroken
from warehouse.expect_no_rows import ExpectNoRows
from warehouse.home import existing_snapshot
from warehouse.owners import Rows, audited_runs, n_asked, rows_by_owner
from warehouse.reading import open_snapshot
from warehouse.scope import Scope, Steps, read_scope, steps_of_runs
from warehouse.suites import expectations, name_of, names_of
from warehouse.validator import Results, table_batch, validate, validator

N_SAMPLES = 5
LONGEST_SAMPLE = 200  # characters of one value in a sampled row
Notify = Callable[[str, int, int], None]  # what, done, total


def ignore_progress(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


def audit(
    path: Path,
    tables: Iterable[str],
    run_id: str,
    notify: Notify = ignore_progress,
    audited: tuple[Steps, ...] = (),
) -> list[CheckResult]:
    """Run the suites of ``tables`` on a run's rows in a DuckDB file; ``notify(table, done, total)`` after each table.

    ``audited``: the steps of each run that passed before, of which nothing is asked again that they have answered.
    Raises AuditBroken if the validator itself fails.
    """
    names = list(tables)
    results: list[CheckResult] = []
    with duckdb.connect(str(path), read_only=True) as con:
        scope, rows = read_scope(con, run_id, audited), rows_by_owner(con)
    with validator(path) as source:
        for done, name in enumerate(names, start=1):
            results += audit_table(source, contracts()[name], scope, rows[name])
            notify(name, done, len(names))
    return results


def check_snapshot(home: Path | None = None, notify: Notify = ignore_progress) -> list[CheckResult]:
    """Run every suite again, on every run of the published snapshot. Raises NoWarehouse, AuditBroken.

    Rows that several runs share are asked about once.
    """
    open_snapshot(home).close()  # refuses one of another version
    path = existing_snapshot(home)
    with duckdb.connect(str(path), read_only=True) as con:
        runs, steps = audited_runs(con), steps_of_runs(con)
    results: list[CheckResult] = []
    for place, run_id in enumerate(runs):
        before = tuple(steps[other] for other in runs[:place] if other in steps)
        results += audit(path, contracts(), run_id, part(notify, place, len(runs)), before)
    return results


def part(notify: Notify, place: int, n_parts: int) -> Notify:
    """Notice of the part ``place`` of a work of equal parts, as notice of the whole."""
    return lambda what, done, total: notify(what, place * total + done, n_parts * total)


def audit_table(source: SQLDatasource, contract: Contract, scope: Scope, rows: Rows) -> list[CheckResult]:
    """Run the expectations of a table that are to be asked; count and sample the rows that break them."""
    n_rows = n_asked(contract, scope, rows)
    checks = expectations(contract, scope, has_rows=n_rows > 0)
    if not checks:
        return []
    started = time.monotonic()
    batch = table_batch(source, contract.table, scope.new_rows(contract.table))
    found = _validated(batch, contract, checks, {"result_format": "BOOLEAN_ONLY"})
    failed = [check for check in checks if not found[name_of(check)].success]
    broken, blamed = _broken(batch, contract, failed), blame(source, contract, scope, failed)
    seconds = round(time.monotonic() - started, 3)
    names = {name_of(check): names_of(check) for check in checks}
    results = [_result(contract, scope, one, broken.get(name, NONE), n_rows, seconds) for name, one in found.items()]
    return [
        replace(
            one,
            steps=tuple((owner, rows.get(owner, 0)) for owner in told(scope, names[one.check_name])),
            blamed=tuple(sorted(blamed.get(one.check_name, ()))),
        )
        for one in results
    ]


def told(scope: Scope, names: frozenset[str]) -> list[str]:
    """The new steps whose rows decide a check; and the run itself if its own rows do, or no step's that is new."""
    steps = sorted(scope.feeding(names, scope.new))
    of_run = any(not contracts()[name].by_step for name in names)
    return [*steps, scope.run_id] if of_run or not steps else steps


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
    contract: Contract, scope: Scope, one: ExpectationValidationResult, broken: Broken, n_rows: int, seconds: float
) -> CheckResult:
    config = one.expectation_config
    assert config is not None  # GX gives every result its configuration
    return CheckResult(
        run_id=scope.run_id,
        step_key=scope.run_id,
        table_name=contract.table,
        check_name=str((config.meta or {})["check"]),
        column_name=config.kwargs.get("column"),
        expectation=config.type,
        meaning=str(config.description),
        success=bool(one.success),
        observed=observed(broken.n_rows, n_rows),
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
