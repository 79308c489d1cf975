"""Runs that failed their checks: which, when, and what every failed check saw."""

import polars as pl
import streamlit as st

from dashboards.data import run_query
from dashboards.tables import show_table


def refused_runs() -> None:
    """All refused runs, and the failed checks of one of them."""
    runs = run_query("refused_runs")
    if runs.is_empty():
        st.success("No run is refused: each one passed its checks when it was last tried.")
        return
    show_table(runs)
    ids: list[str] = runs["run_id"].to_list()
    run_id = st.selectbox("Refused run", ids, key="refused_run", format_func=lambda run_id: _label(runs, run_id))
    failed = run_query("quality", run_id=run_id, failed_only=True, table_name=None)
    st.warning(f"{failed.height:,} failed checks. No row of this run is published.")
    show_table(failed.drop("success", "seconds"), height=360)
    st.caption(
        "Each failed check with what it saw and up to five of the rows that break it. Put right what made them and "
        "run the study again: the report is replaced, or gone once the run passes."
    )


def _label(runs: pl.DataFrame, run_id: str) -> str:
    run = runs.row(by_predicate=pl.col("run_id") == run_id, named=True)
    return f"{run['study']} · {run['refused']:%Y-%m-%d %H:%M} · {run_id}"
