"""What a check found: a row of ``quality_result``."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CheckResult:
    """One expectation of one table's suite. ``observed`` and ``sample_rows`` are JSON texts."""

    run_id: str  # whose rows were checked
    step_key: str  # of the step whose rows were checked, or the run's own where no one step can be named
    table_name: str
    check_name: str
    column_name: str | None
    expectation: str
    meaning: str
    success: bool
    observed: str
    n_unexpected: int
    sample_rows: str
    seconds: float  # of the table's whole suite
    checked_at: datetime
    steps: tuple[tuple[str, int], ...] = ()  # that it is told of, if it passed, each with its rows in the table
    blamed: tuple[str, ...] = ()  # whose rows break it, or may

    def row(self) -> dict[str, Any]:
        """The row of ``quality_result``."""
        return {name: value for name, value in asdict(self).items() if name not in ("run_id", "steps", "blamed")}

    def of_each_step(self) -> list["CheckResult"]:
        """The result once for each step that it is told of, with the number of that step's rows."""
        return [replace(self, step_key=step, observed=observed(self.n_unexpected, n)) for step, n in self.steps]

    def __str__(self) -> str:
        """One line: table, check, its meaning, how many rows break it, and some of them."""
        rows = f"{self.n_unexpected:,} {'row' if self.n_unexpected == 1 else 'rows'}"
        return f"table {self.table_name}, check {self.check_name} ({self.meaning}): {rows}, such as {self.sample_rows}"


def observed(n_unexpected: int, n_rows: int) -> str:
    """What was seen, as JSON: rows that break the check, and rows there are."""
    return json.dumps({"n_unexpected": n_unexpected, "n_rows": n_rows})
