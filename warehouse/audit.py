"""The audit: every suite, run by Great Expectations on a DuckDB file that nobody writes.

1. Ask all rules of each table together, of the rows of all new steps: how many rows break each of them?
2. Ask those that failed once more, one by one, to sample rows that break them; and find out whose rows they are.
3. An expectation that raised is a broken validator: neither a pass nor bad data.
"""

import json
import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

from warehouse.asking import counts_of, samples_of
from warehouse.blame import blame
from warehouse.check_result import CheckResult, observed
from warehouse.contracts.contract import Contract, contracts
from warehouse.home import existing_snapshot
from warehouse.notify import Notify, ignore_progress, part
from warehouse.owners import Rows, audited_runs, n_asked, rows_by_owner
from warehouse.reading import open_snapshot
from warehouse.scope import Scope, Steps, read_scope, steps_of_runs
from warehouse.suites import rules
from warehouse.validator import table_batch, validator

LONGEST_SAMPLE = 200  # characters of one value in a sampled row


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


def audit_table(source: SQLDatasource, contract: Contract, scope: Scope, rows: Rows) -> list[CheckResult]:
    """Ask the rules of a table that are to be asked; count and sample the rows that break them."""
    n_rows = n_asked(scope, rows)
    asked = rules(contract, scope, has_rows=n_rows > 0)
    if not asked:
        return []
    started = time.monotonic()
    new_rows = scope.new_rows(contract.table)
    batch = table_batch(source, contract.table, new_rows)
    counts = counts_of(batch, contract, asked, new_rows)
    failed = [rule for rule in asked if counts[rule.check]]
    samples, blamed = samples_of(batch, contract, failed), blame(source, contract, scope, failed)
    seconds = round(time.monotonic() - started, 3)
    checked_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return [
        CheckResult(
            run_id=scope.run_id,
            step_key=scope.run_id,
            table_name=contract.table,
            check_name=rule.check,
            column_name=rule.column,
            expectation=rule.expectation_type,
            meaning=rule.meaning,
            success=not counts[rule.check],
            observed=observed(counts[rule.check], n_rows),
            n_unexpected=counts[rule.check],
            sample_rows=json.dumps([_plain_row(row) for row in samples.get(rule.check, ())]),
            seconds=seconds,
            checked_at=checked_at,
            steps=tuple((owner, rows.get(owner, 0)) for owner in told(scope, rule.names)),
            blamed=tuple(sorted(blamed.get(rule.check, ()))),
        )
        for rule in asked
    ]


def told(scope: Scope, names: frozenset[str]) -> list[str]:
    """The new steps whose rows decide a check; and the run itself if its own rows do, or no step's that is new."""
    steps = sorted(scope.feeding(names, scope.new))
    of_run = any(not contracts()[name].by_step for name in names)
    return [*steps, scope.run_id] if of_run or not steps else steps


def _plain_row(row: dict[str, Any]) -> dict[str, object]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    """A value for JSON: numbers and short texts as they are, all else as a text that is cut."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
