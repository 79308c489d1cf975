"""Panel that sums up the controls of a trace: the edges they make, and what the ablations make beyond that."""

import polars as pl
import streamlit as st

from dashboards.charts.control_summary import excess_points
from dashboards.circuit_choice import chosen_circuits
from dashboards.data import query_run
from dashboards.layout import figure_beside_table, filled
from dashboards.panel import Panel

NONE_HERE = "Controls of this kind of effect were not summed up: run the study with controls.wanted = true."
CAPTION = (
    "n_features: sampled features. p: Wilcoxon's test of edges with features as units, q over all rows of a layer. "
    "rho: whether features with many edges have controls with many. reached: share of features whose control makes as "
    "many edges or more."
)
TEXT = (
    "Share of the ablations' edges that the control does not make, with its 95 % interval over features. 1: it makes "
    "none; 0: as many as the features, so that anything of their size would do."
)
NOISE = (
    "**published_noise** is drawn anew at every position of every cell, as in the published map. An effect is a mean "
    "over positions and cells, and fresh noise cancels in it, however generic the target: its excess is an upper "
    "bound, and no evidence that edges are the features' own. The other controls push one fixed way in all cells, as a "
    "feature does, and this is why rules are held against them."
)


def control_summary() -> None:
    """Excess over each control, and its tests."""
    rows = query_run("control_summary", **chosen_circuits().ends)
    if not filled(rows, NONE_HERE):
        return
    if "published_noise" in rows["control"]:
        st.write(NOISE)
    columns = ("source_layer", "control", "n_features", "excess", "low", "high", "real_mean", "control_mean", "p", "q")
    shown = rows.filter(pl.col("control") != "zero").select(*columns, "statistic", "rho", "reached")
    figure_beside_table(
        excess_points(shown), TEXT, shown, CAPTION, of=("control_summary", "sae"), widths=(1, 1), height=320
    )


CONTROL_SUMMARY = Panel("Controls: excess", ("control_summary",), control_summary)
