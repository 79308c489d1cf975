"""What an imported run amounts to: its rows, what its files lacked, and how it compares with what was published."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.reading import open_snapshot
from warehouse.sql import statement


@dataclass(frozen=True)
class ImportSummary:
    """``rows`` by table that has any; ``gaps`` as (file, reason, what is lost); ``parity`` counts by state."""

    rows: dict[str, int]
    gaps: list[tuple[str, str, str]]
    parity: dict[str, int]


def import_summary(home: Path, run_id: str) -> ImportSummary:
    """The summary of a published imported run; empty if there is no such run."""
    with open_snapshot(home) as con:
        rows, gaps, parity = (_ask(con, name, run_id) for name in ("import_rows", "import_gaps", "parity_counts"))
    return ImportSummary(dict(rows), gaps, dict(parity))


def _ask(con: duckdb.DuckDBPyConnection, name: str, run_id: str) -> list[Any]:
    return con.execute(statement(name), {"run_id": run_id}).fetchall()
