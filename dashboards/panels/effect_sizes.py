"""Panels of effects by rule and target layer: how they fade, how strong they are, whether they repeat, who answers."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.effect_sizes import by_layer, response_scatter, size_curves
from dashboards.circuit_choice import chosen_circuits, first_source
from dashboards.data import query_run
from dashboards.layout import described_table, filled, two_figures
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.panels.circuits import NO_DEGREE
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

NONE_HERE = "Nothing was computed for this source layer: choose another above."


def attenuation() -> None:
    """Edges of a source by target layer and rule."""
    rows = query_run("attenuation", source_sae=first_source(chosen_circuits()))
    if not filled(rows, NONE_HERE):
        return
    text = (
        f"Edges of a source in each target layer, mean over all {rows['n_sources'][0]:,} sources of layer "
        f"{rows['source_layer'][0]}, those without any included ({rows['effect'][0]} effects). Bars: 95 % intervals "
        "over sources. Dashed: pairs that pass effect and agreement under sign flips. The 50 strongest of each source "
        "say how many there may be, not how many there are."
    )
    figure = by_layer(rows, "mean_edges", "Edges of a source", null="expected_null", low="low", high="high")
    show(figure, text)
    caption = "mean_with_edges: the mean as published, over sources that have an edge somewhere."
    described_table(rows.drop("effect", "source_layer"), caption, of=("attenuation",), height=300)


def effect_sizes() -> None:
    """Sizes of all tested pairs, and the sign of edges by rule."""
    source = first_source(chosen_circuits())
    rows, sizes = query_run("effect_sizes", source_sae=source), query_run("effect_size_ecdf", source_sae=source)
    if not filled(rows, NONE_HERE):
        return
    layers = sizes["target_layer"].unique().sort().to_list()
    layer = layers[0] if len(layers) == 1 else addressed_choice("Target layer of the sizes", "target_layer", layers)
    own = sizes.filter(pl.col("target_layer") == layer)
    two_figures(
        (
            size_curves(own),
            f"All {own['n_tested'][0]:,} pairs into layer {layer}, with or without an effect. Edges alone would show "
            "what a threshold let pass. Where both curves meet, effects are no larger than chance makes them.",
        ),
        (
            by_layer(rows, "share_negative", "Target falls", null="null_negative", low="low", high="high"),
            "Share of pairs in which the target falls. Bars: 95 % intervals over sources. Dashed: the same under sign "
            "flips, where both signs are equally likely. A rule whose dashed line lies above one half prefers negative "
            "effects: the published rule counts cells without an effect as negative.",
        ),
    )
    caption = "All tested pairs with an effect in some cell, and the edges of each rule."
    described_table(rows.drop("effect"), caption, of=("effect_size_summary",), height=300)


def replication() -> None:
    """Edges in two halves of the cells."""
    rows = query_run("split_half", source_sae=first_source(chosen_circuits()))
    if not filled(rows, NONE_HERE):
        return
    edges = rows.filter(pl.col("criterion") != "tested")
    text = (
        f"{rows['n_sources'][0]:,} sources were measured in two disjoint halves of the traced cells. Edges found in "
        "both over edges found in either. Dashed: one half of a source beside the other half of another source, which "
        "is what targets that answer any source give."
    )
    signs = "Edges found in both halves: how many have one sign. Dashed: halves of different sources."
    two_figures(
        (by_layer(edges, "jaccard", "Found in both halves", null="jaccard_chance"), text),
        (by_layer(edges, "sign_agreement", "Of one sign", null="sign_chance"), signs),
    )
    caption = (
        "r: correlation of g between the halves; tested: of all pairs with an effect. Half as many cells find fewer "
        "edges, so all cells would repeat at least as well."
    )
    described_table(rows.drop("effect"), caption, of=("split_half",), height=300)


def responsive_targets() -> None:
    """Edges that reach a target beside how readily it answers anything."""
    choice = chosen_circuits()
    criterion = "calibrated" if choice.rule == "measured" else choice.rule
    rows = query_run("target_responses", source_sae=first_source(choice), criterion=criterion)
    if not filled(rows, NONE_HERE):
        return
    if not rows["degree"].max():
        st.info(NO_DEGREE)
        return
    rho = rows["rho"][0]
    found = "" if rho is None else f"Spearman rho {rho:.2f}. "
    text = (
        f"{found}Displacements in random directions, of the size and at the places of features, say how much a target "
        f"answers to anything; dashed: edges ({markdown(criterion)} rule) of targets that answer as much. A target "
        "with many edges near that line is no hub: it answers whatever is done."
    )
    moved = rows.filter(pl.col("mean_abs_response") > 0)
    if filled(moved, "No displacement moved any target of this layer."):
        show(response_scatter(moved), text)
    st.caption("Targets with most edges for how much they answer (residual):")
    columns = ("page", "degree", "residual", "mean_abs_response", "share_moved", "top_genes", "label")
    shown = rows.head(100).with_columns(page=feature_address()).select(columns)
    show_table(shown, {"page": link_column("feature")}, of=("target_response", "feature"), height=300)


ATTENUATION = Panel("Attenuation", ("attenuation",), attenuation)
EFFECT_SIZES = Panel("Effect sizes", ("effect_size_summary", "effect_size_ecdf"), effect_sizes)
REPLICATION = Panel("Replication", ("split_half",), replication)
RESPONSIVE_TARGETS = Panel("Responsive targets", ("target_response",), responsive_targets)
