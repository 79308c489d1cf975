"""Panel of sets of features as a whole: published ratios beside what tells whether effects add up."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.set_ratios import energy_points, set_points
from dashboards.data import query_run
from dashboards.layout import described_table, two_figures
from dashboards.panel import Panel


def set_ratios() -> None:
    """Every set by both readings, and kinds of sets against each other."""
    sets = query_run("set_ratios")
    layers = sets["target_layer"].unique().sort().to_list()
    layer = layers[-1] if len(layers) == 1 else addressed_choice("Target layer", "layer", layers, first=layers[-1])
    own = sets.filter(target_layer=layer)
    features, controls = (own.filter(pl.col("control").is_null() == wanted) for wanted in (True, False))
    beside = f", nor do those of {_called(controls)} of {controls.height} sets along other directions"
    st.write(
        f"Raw effects of **{_called(features)}** of {features.height} sets do not add up (q at most 0.05, all sets and "
        f"layers together){beside if controls.height else ''}. The published ratio of standardised effects is near the "
        "dashed lines where effects add up exactly: below 1 it shows no redundancy."
    )
    published = "As published: median over targets, with the interval of resampled targets."
    raw = "Raw effects, cell by cell: what is left of the interaction, beside what noise of cells leaves."
    two_figures((set_points(own), published), (energy_points(own), raw))
    hidden = ("target_sae", "target_layer")
    described_table(
        own.drop(hidden), "All sets, by both readings.", of=("combination_ratio", "combination"), height=300
    )
    contrasts = query_run("set_contrasts").filter(target_layer=layer)
    if not contrasts.is_empty():
        caption = "Kinds of designed sets against each other. Sets are the units; targets of one set are not."
        described_table(contrasts.drop("target_layer"), caption, of=("combination_contrast",), height=300)


def _called(sets: pl.DataFrame) -> int:
    return sets.filter(pl.col("q") <= 0.05).height


SET_RATIOS = Panel("Do sets add up?", ("combination_ratio",), set_ratios, also=("combination_contrast",))
