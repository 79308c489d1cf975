"""What is kept of a run that failed its checks: a row that says so, and what every check found."""

from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.check_result import CheckResult
from warehouse.errors import FailedChecks
from warehouse.sql import identifier, statement

TABLES = ("quality_result", "refused_run")


def forget(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Delete the report of an earlier refusal."""
    for table in TABLES:
        con.execute(statement("delete_run", table=identifier(table)), {"run_id": run_id})


def refusal_row(run: dict[str, Any], results: list[CheckResult]) -> dict[str, Any]:
    """The row of ``refused_run``. ``run`` is the row of table ``run`` that is not published."""
    first = next(result for result in results if not result.success)
    about = {name: run[name] for name in ("run_id", "study", "title")}
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return {**about, "first_failure": str(first), "refused": now}


def failure(run_id: str, results: list[CheckResult]) -> FailedChecks:
    """The error that names the first failed check and says where all of them are."""
    failed = [result for result in results if not result.success]
    more = f" (and {len(failed) - 1} more failed checks)" if len(failed) > 1 else ""
    where = f"every check's result is in table quality_result under run {run_id}"
    return FailedChecks(f"no row of the run was published: {failed[0]}{more}; {where}", results)
