"""Panel of the overview's rates beside four baselines, all on the same cells."""

import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.baselines import baseline_bars
from dashboards.data import query_run
from dashboards.imported import given
from dashboards.layout import described_table
from dashboards.panel import Panel
from dashboards.style import show

RATES = {
    "annotated": ("annotated_fraction", "null_annotated", "random gene lists"),
    "with a cell type": ("type_fraction", "null_type", "labels shuffled between cells"),
    "with a name": ("named_fraction", "null_named", "genes shuffled between positions, labels between cells"),
}


def baselines() -> None:
    """One rate by layer and basis."""
    rows = query_run("baselines_by_layer")
    chosen = addressed_choice("Share of features", "share", list(RATES))
    rate, null, how = RATES[chosen]
    if not rows[rate].count():
        st.info("There was nothing to compare: no gene sets, no two cell types, or a run of an earlier version.")
        return
    text = (
        f"The same description of {rows['n_cells'][0]:,} cells for features and for four baselines that are as "
        f"sparse; framed: the null ({how}). What baselines reach as well is no merit of the features. Rates "
        "of a part of the cells differ from those of all cells beside."
    )
    show(baseline_bars(rows, rate, null), text)
    counts = ("n_features", "n_alive", "n_described", "n_annotated", "n_with_type", "n_named", "n_steps")
    described_table(
        given(rows.select("layer", "basis", *counts)), "Counts behind the shares.", of=("baseline",), height=240
    )


BASELINES = Panel("Beside baselines", ("baseline",), baselines)
