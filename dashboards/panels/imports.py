"""Panels of imported runs: parity with published numbers, the files that were read and those that were missing."""

import polars as pl
import streamlit as st

from dashboards.data import query_run
from dashboards.layout import described_table
from dashboards.panel import Panel
from dashboards.panels.default import table_rows

HEIGHT = 420


def parity() -> None:
    """Published numbers beside imported ones."""
    frame = query_run("parity")
    counts = dict(frame["state"].value_counts().iter_rows())
    for column, (state, n) in zip(st.columns(4), counts.items(), strict=False):
        column.metric(state.capitalize(), f"{n:,}", border=True)
    state = st.selectbox("State", [None, *counts], format_func=lambda name: name or "all states")
    caption = (
        "An import whose numbers differ is not published. Studies beyond the atlas have no counterpart in its files."
    )
    shown = frame if state is None else frame.filter(pl.col("state") == state)
    described_table(shown, caption, of=("published_value",), height=HEIGHT)


def files() -> None:
    """What was missing, and what was read."""
    gaps = query_run("import_gaps")
    if gaps.is_empty():
        st.success("Every file that an atlas may have was there.")
    else:
        caption = "Files that were not there or could not be used, what that loses, and what is known all the same."
        described_table(gaps, caption, of=("import_gap",))
    table_rows("import_file")


PARITY = Panel("Parity", ("published_value",), parity, also=("published_layer", "published_layer_ontology"))
FILES = Panel("Imported files", ("import_file",), files, also=("import_gap",))
