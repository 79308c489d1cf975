"""What a check found: a row of ``quality_result``."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CheckResult:
    """One expectation of one table's suite. ``observed`` and ``sample_rows`` are JSON texts."""

    run_id: str  # whose rows were checked
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

    def row(self) -> dict[str, Any]:
        """The row of ``quality_result``."""
        return asdict(self)

    def __str__(self) -> str:
        """One line: table, check, its meaning, how many rows break it, and some of them."""
        rows = f"{self.n_unexpected:,} {'row' if self.n_unexpected == 1 else 'rows'}"
        return f"table {self.table_name}, check {self.check_name} ({self.meaning}): {rows}, such as {self.sample_rows}"
