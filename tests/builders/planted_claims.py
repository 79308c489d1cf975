"""Small tables with a known answer to one question of the audit: traps, where it is no, and truths, where it is yes."""

from collections.abc import Mapping

import duckdb
import polars as pl

from warehouse.contracts.contract import contracts
from warehouse.ddl import schema_sql
from warehouse.derive import DERIVED

Tables = Mapping[str, pl.DataFrame]
LAYER_PAIRS = DERIVED / "layer_pair.sql"
EDGES = {"source_sae": "L00-a", "source_layer": 0}


def open_planted() -> duckdb.DuckDBPyConnection:
    """An empty warehouse in memory, with all views."""
    con = duckdb.connect()
    con.execute(schema_sql())
    return con


def plant(
    con: duckdb.DuckDBPyConnection, runs: Mapping[str, Tables], study: str = "{}", imported: bool = False
) -> None:
    """Add runs by their ids, each with its tables, of whose columns those left out are NULL."""
    rows = pl.DataFrame({"run_id": list(runs)}).with_columns(
        study_json=pl.lit(study), imported=pl.lit(imported), step_key="run_id", place=pl.lit(0)
    )
    _insert(con, "run", rows.select("run_id", "study_json", "imported"))
    _insert(con, "run_step", rows.select("run_id", "step_key", "place"))
    by_table: dict[str, list[pl.DataFrame]] = {}
    for run_id, tables in runs.items():
        for table, frame in tables.items():
            by_table.setdefault(table, []).append(frame.with_columns(step_key=pl.lit(run_id)))
    for table, frames in by_table.items():
        _insert(con, table, pl.concat(frames, how="diagonal_relaxed"))
    for run_id in (run_id for run_id, tables in runs.items() if "effect_cell" in tables):
        query = LAYER_PAIRS.read_text()
        con.execute(f"INSERT INTO stored.layer_pair BY NAME {query}", {"step_key": run_id})  # as loading does


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame) -> None:
    con.register("rows_to_plant", rows)
    con.execute(f'INSERT INTO stored."{table}" BY NAME SELECT * FROM rows_to_plant')
    con.unregister("rows_to_plant")


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Remove all that was planted."""
    for table in contracts():
        con.execute(f'TRUNCATE stored."{table}"')


def zero_edit(effect: str = "total", n_edges: int = 0, largest: float = 0.0) -> pl.DataFrame:
    """Rows of trace_control: an edit of nothing at one feature."""
    return pl.DataFrame(
        {
            **EDGES,
            "effect": effect,
            "source_feature": [10_000],
            "control": "zero",
            "n_cells": 50,
            "n_edges": n_edges,
            "mean_abs_effect": largest,
            "max_abs_effect": largest,
        }
    )


def answers(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    """All verdicts by run and question."""
    rows = con.execute("SELECT run_id, item, verdict FROM claim_verdict").fetchall()
    return {(run_id, item): verdict for run_id, item, verdict in rows}
