"""What is kept of steps that failed their checks: rows that say so, and what every check found."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from warehouse.check_result import CheckResult, observed
from warehouse.errors import FailedChecks
from warehouse.manifest import Manifest
from warehouse.scope import REPORT
from warehouse.sql import identifier, statement

TABLE = "refused_step"


@dataclass
class Refusals:
    """Steps that were refused so far, by key, with the first check that each failed; None for a withheld one, which
    reads a refused one or does not pass without it.

    ``results``: what every check found when the run was tried first. ``failed``: the failed ones of all tries.
    """

    first_failure: dict[str, CheckResult | None] = field(default_factory=dict)
    results: list[CheckResult] = field(default_factory=list)
    failed: list[CheckResult] = field(default_factory=list)

    def add(self, results: list[CheckResult], accepted: list[Manifest]) -> list[Manifest]:
        """Take in what a try found; returns the steps of it that may be tried again."""
        tried_before, self.results = bool(self.results), self.results or results
        failed = [result for result in results if not result.success]
        self.failed += failed
        for result in failed:
            for step in result.blamed:  # what fails only once others are refused does so for want of them
                self.first_failure.setdefault(step, None if tried_before else result)
        for manifest in accepted:  # in the run's order, so a step comes after those that it reads
            if manifest.key not in self.first_failure and self._reads_refused(manifest, accepted):
                self.first_failure[manifest.key] = None
        return [manifest for manifest in accepted if manifest.key not in self.first_failure]

    def _reads_refused(self, manifest: Manifest, listed: list[Manifest]) -> bool:
        before = listed[: listed.index(manifest)]
        if manifest.reads is None:  # written before manifests said so
            return any(other.key in self.first_failure for other in before)
        return any(other.key in self.first_failure for other in listed if other.folder.name in manifest.reads)

    def report(self, tables: Iterable[str]) -> list[CheckResult]:
        """Rows of the report, under the run's own key: of the first try those about ``tables``, and all that failed.

        Only rows of refused steps are counted: those of a step that shares the table may be published before or now.
        """
        kept = {(result.table_name, result.check_name): result for result in reversed(self.failed)}
        about = set(tables)
        others = [result for result in self.results if result.table_name in about]
        rows = {(result.table_name, result.check_name): result for result in others} | kept
        return [replace(self._of_refused(result), step_key=result.run_id, steps=()) for result in rows.values()]

    def _of_refused(self, result: CheckResult) -> CheckResult:
        own = [n for step, n in result.steps if step in self.first_failure]
        return replace(result, observed=observed(result.n_unexpected, sum(own))) if own else result

    def rows(self, run: dict[str, Any], manifests: list[Manifest], present: set[str]) -> list[dict[str, Any]]:
        """Rows of ``refused_step``. ``run`` is the row of table ``run``; ``present``: steps that it has already."""
        about = {name: run[name] for name in ("run_id", "study", "title")}
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        return [
            about
            | {
                "step": manifest.step,
                "layer": manifest.layer,
                "step_key": manifest.key,
                "first_failure": str(self.first_failure[manifest.key] or self.failed[0]),
                "withheld": self.first_failure[manifest.key] is None,
                "refused": now,
            }
            for manifest in manifests
            if manifest.key in self.first_failure and manifest.key not in present
        ]

    def error(self, run_id: str, manifests: list[Manifest]) -> FailedChecks:
        """The error that names the first failed check, what became of which step, and where all checks are."""
        n_more = len({(result.table_name, result.check_name) for result in self.failed}) - 1
        more = f" (and {n_more} more failed check{'s' if n_more > 1 else ''})" if n_more else ""
        where = f"every check's result is in table quality_result under run {run_id}"
        named = [manifest for manifest in manifests if manifest.key in self.first_failure]
        what = "no row of the run was published" if len(named) == len(manifests) else self._parts(named)
        return FailedChecks(f"{what}: {self.failed[0]}{more}; {where}", self.results)

    def _parts(self, named: list[Manifest]) -> str:
        refused = [each.folder.name for each in named if self.first_failure[each.key] is not None]
        withheld = [each.folder.name for each in named if self.first_failure[each.key] is None]
        because = "it" if len(refused) == 1 else "them"
        also = f", {', '.join(withheld)} withheld because of {because}" if withheld else ""
        return f"{', '.join(refused)} refused{also}, the run's other steps are published"


def forget(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Delete the report of an earlier refusal, and what was found about the run itself."""
    con.execute(statement("delete_run", table=identifier(TABLE)), {"run_id": run_id})
    con.execute(statement("delete_step", table=identifier(REPORT)), {"step_key": run_id})
