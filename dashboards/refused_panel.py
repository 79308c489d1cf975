"""Steps that failed their checks: of which run, when, and what every failed check saw."""

import polars as pl
import streamlit as st

from dashboards.address import touched
from dashboards.data import run_query
from dashboards.tables import show_table


def refused_runs() -> None:
    """All refused steps, and the failed checks of one run."""
    steps = run_query("refused_steps")
    if steps.is_empty():
        st.success("No step is refused: each one passed its checks when its run was last published.")
        return
    show_table(steps)
    ids: list[str] = steps["run_id"].unique(maintain_order=True).to_list()
    run_id = st.selectbox(
        "Run", ids, key="refused_run", format_func=lambda run_id: _label(steps, run_id), on_change=touched
    )
    failed = run_query("quality", run_id=run_id, failed_only=True, table_name=None)
    st.warning(f"{failed.height:,} failed checks. No row of the refused and withheld steps is published.")
    show_table(failed.drop("success", "seconds", "step", "layer"), height=360)
    st.caption(
        "Each failed check with what it saw and up to five of the rows that break it. Steps that read a refused step "
        "are withheld. Put right what made the rows and run the study again: the report is replaced, or gone once all "
        "steps pass."
    )


def _label(steps: pl.DataFrame, run_id: str) -> str:
    step = steps.filter(pl.col("run_id") == run_id).row(0, named=True)
    return f"{step['study']} · {step['refused']:%Y-%m-%d %H:%M} · {run_id}"
