"""Panel about features that were changed together."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.interventions import additivity
from dashboards.charts.set_ratios import ratio_histogram
from dashboards.data import query_run
from dashboards.layout import figure_beside_table
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table

Q_MAX = 0.05
MOST_ROWS = 500
RATIOS = (
    "As published, the same set: d, mean over standard deviation, of all together over the sum of the single ones. "
    "Independent effects that add up exactly come out at the dashed line: lying to the left of it is no sign of "
    "redundancy."
)

CONTROL = (
    "A control: the members' activations, at their positions, along {} as long as their own. What such a set does "
    "together, any displacements of this size do."
)
CONTROLS = {
    "random_direction": "random directions",
    "covariance_matched": "directions as the layers' states vary,",
}


def combinations() -> None:
    """What a set of features does together beside the sum of what each does alone."""
    members = query_run("combinations")
    sets = members["combination"].unique(maintain_order=True).to_list()
    choice = addressed_choice("Set of features", "set", sets)
    shown = members.filter(combination=choice)
    control = shown["control"][0]
    if control is not None:
        st.info(CONTROL.format(CONTROLS[control]))
    st.write(
        f"All members are active in **{shown['n_cells'][0]}** of the measured cells. In these, each is changed alone, "
        "and all together. On the dashed line the joint effect is the sum of the single ones: the members act side by "
        "side. Coloured targets leave the line in one direction, cell after cell "
        f"(q at most {Q_MAX:g}): there the members **interact**."
    )
    described = ("multiplier", "top_genes", "label", "top_cell_type")
    members_shown = shown.select("member", feature_address().alias("page"), *described)
    show_table(members_shown, {"page": link_column("feature")}, of=("combination", "feature"))
    targets = query_run("combination_targets", combination=choice)
    interacting = targets.filter(pl.col("q") <= Q_MAX)
    text = (
        f"The members interact on {interacting.height:,} of {targets.height:,} target features. Mind the size: "
        f"{largest('interaction there', interacting['interaction'])}, {largest('joint effect', targets['joint'])}."
        if interacting.height
        else f"The members interact on none of {targets.height:,} target features."
    )
    measured = ("sum_of_singles", "joint", "interaction", "g", "q", "top_genes")
    first = targets.head(MOST_ROWS).select(feature_address("target_").alias("target"), *measured)
    figure_beside_table(
        additivity(targets, Q_MAX),
        text,
        first,
        "g and q are of the interaction.",
        widths=(1, 1),
        links={"target": link_column("target")},
        of=("combination_stat", "feature"),
        height=380,
    )
    ratios = query_run("target_ratios", combination=choice)
    if not ratios.is_empty() and ratios["n_members"][0] > 1:
        show(ratio_histogram(ratios), RATIOS)


def largest(name: str, values: pl.Series) -> str:
    """The largest magnitude of some values, as people read it."""
    return f"the largest {name} is {max(map(abs, values)):.2g}"


COMBINATIONS = Panel("Combinations", ("combination", "combination_stat"), combinations, also=("combination_effect",))
