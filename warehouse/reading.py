"""Reading what was published: a connection for programs, a summary for people."""

from pathlib import Path

import duckdb

from warehouse.errors import UnknownName
from warehouse.files import explained
from warehouse.home import existing_snapshot
from warehouse.sql import statement


def open_snapshot(home: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published snapshot of ``home`` ($SCFM_HOME, else ./scfm-home).

    It keeps showing the snapshot it was opened on, also while a newer one is published. Share it between
    threads only through ``con.cursor()``. Raises NoWarehouse if nothing has been published.
    """
    path = existing_snapshot(home)
    with explained(path):
        return duckdb.connect(str(path), read_only=True)


def run_summary(home: Path, run_id: str) -> dict[str, int]:
    """Counts of a published run: cells, saes, living_features, measured_effects, edges by criterion, checks.

    Raises UnknownName if the run is not published.
    """
    with open_snapshot(home) as con:
        found = con.execute(statement("run_summary"), {"run_id": run_id})
        names = [column[0] for column in found.description]
        row = found.fetchone()
    if row is None:
        raise UnknownName(f"run {run_id} is not published in {home}: run its study, or ask `scfm status`")
    return dict(zip(names, row, strict=True))
