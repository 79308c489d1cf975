"""What is kept of a run that failed its checks: a row that says so, and what every check found."""

from datetime import UTC, datetime
from typing import Any

from warehouse.check_result import CheckResult
from warehouse.errors import FailedChecks

TABLES = ("quality_result", "refused_run")


def refusal_row(run: dict[str, Any], failed: list[CheckResult]) -> dict[str, Any]:
    """The row of ``refused_run``. ``run`` is the row of table ``run`` that is not published."""
    about = {name: run[name] for name in ("run_id", "study", "title")}
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    return {**about, "first_failure": str(failed[0]), "refused": now}


def failure(run_id: str, results: list[CheckResult]) -> FailedChecks:
    """The error that names the first failed check and says where all of them are."""
    failed = [result for result in results if not result.success]
    more = f" (and {len(failed) - 1} more failed checks)" if len(failed) > 1 else ""
    where = f"every check's result is in table quality_result under run {run_id}"
    return FailedChecks(f"no row of the run was published: {failed[0]}{more}; {where}", results)
