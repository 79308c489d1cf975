"""Panels that say how far edges can be trusted: thresholds, sign-flip null, controls."""

import polars as pl
import streamlit as st

from dashboards.charts.circuits import control_boxes, fit_bars, null_scatter, sweep_map
from dashboards.circuit_choice import chosen_circuits, first_source
from dashboards.data import query_run
from dashboards.layout import filled, two_figures
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

RATIO_HELP = "Mean |effect| over that of the same feature's real ablation; 1: as much"
COUNTED = (
    "One point per source feature. Zero: nothing is taken out; it must give 0. "
    "Frequency matched: a feature that fires about as often."
)
MEASURED = (
    "Random direction: a displacement of equal size, any way. Covariance matched: of equal size, drawn from "
    "the directions in which the layer's states themselves vary."
)


def thresholds() -> None:
    """Edges, false-discovery rate and stability of hubs over thresholds; observed against expected edges."""
    choice = chosen_circuits()
    asked = {"effect": choice.effect, "source_sae": first_source(choice)}
    sweep = query_run("threshold_sweep", **asked)
    if not filled(sweep, "No threshold sweep was made for this choice."):
        return
    criterion = "published" if choice.rule == "published" else "calibrated"
    own = sweep.filter(pl.col("criterion") == criterion)
    if own.is_empty():  # made before the published rule was swept, or without the step that does it
        own = sweep
        st.caption("Agreement is that of cells with an effect, as the calibrated rule judges it.")
    _sweep_maps(own, asked["source_sae"])
    null = query_run("null_features", criterion=criterion, **asked)
    if null.is_empty():
        return
    expected, observed = float(null["expected_null"].sum()), int(null["observed"].sum())
    rate = f"{expected / observed:.1%}" if observed else "undefined"
    text = f"{observed:,} pairs pass the rule's effect and agreement, {expected:,.0f} by chance: FDR {rate}, q apart."
    show(null_scatter(null), text)


def _sweep_maps(sweep: pl.DataFrame, source: str) -> None:
    maps = {
        "n_edges": ("Edges", f"Pairs that pass each pair of thresholds ({markdown(source)})."),
        "fdr": ("FDR", "Pairs expected by chance (sign flips) over pairs found. Above 1: nothing but chance."),
        "rank_rho": (
            "Rank rho",
            "Do hubs keep their ranks? Spearman correlation of degrees with those at 0.5 and 0.7.",
        ),
        "top20_overlap": ("Of top 20", "Of the twenty features with most edges at 0.5 and 0.7, how many are still so."),
    }
    for pair in (("n_edges", "fdr"), ("rank_rho", "top20_overlap")):
        two_figures(*((sweep_map(sweep, name, maps[name][0]), maps[name][1]) for name in pair))


def controls() -> None:
    """Ablations beside their controls."""
    frame = query_run("controls", **chosen_circuits().ends)
    if not filled(frame, "No controls were run for this kind of effect."):
        return
    _ratios(frame)
    two_figures(
        (control_boxes(frame, "n_edges", "Edges"), COUNTED),
        (control_boxes(frame, "mean_abs_effect", "Mean |effect| (activation)"), MEASURED),
    )
    shown = frame.rename({"source_feature": "feature", "source_layer": "layer", "source_sae": "sae_id"})
    shown = shown.with_columns(page=feature_address()).select(
        "page", "control", "matched_feature", "n_cells", "n_edges", "edge_ratio", "mean_abs_effect", "effect_ratio",
        "max_abs_effect", "n_specific",
    )  # fmt: skip
    show_table(shown, {"page": link_column("feature")}, of=("trace_control",), height=300)


def _ratios(frame: pl.DataFrame) -> None:
    """How much each control does of what the real ablation does: median over features."""
    compared = frame.filter(pl.col("control") != "real").group_by("control").agg(pl.col("effect_ratio").median())
    ratios = dict(compared.sort("effect_ratio", descending=True, nulls_last=True).iter_rows())
    for column, (control, ratio) in zip(st.columns(len(ratios) or 1), ratios.items(), strict=False):
        value = "none" if ratio is None else f"{ratio:.2f}"
        column.metric(control.replace("_", " ").capitalize(), value, help=RATIO_HELP, border=True)
    st.caption(
        "Above: mean |effect| of the control over that of the real ablation, median of features. A control that does "
        "as much as the feature (1 or more) means: the effect is not specific to this feature; anything of that size "
        "taken out there would do it. Near 0: the effect is the feature's own. Column *specific* below: edges that "
        "exceed what any displacement does, and how many of a control's would count as such."
    )


def traced_cells() -> None:
    """What autoencoders explain of the traced cells; sources, how they were chosen, and features of special tokens."""
    choice = chosen_circuits()
    source = first_source(choice)
    fit = query_run("traced_fit", source_sae=source)
    if not filled(fit, "Nothing is known of the cells that were traced from this layer."):
        return
    text = (
        "Share of the variance that each autoencoder explains at gene positions of the traced cells, and of held-out "
        "cells of the kind it was trained on (dashed). Far below that line, or below one half, features may not mean "
        "in these cells what they were named for."
    )
    sources = query_run("trace_sources", source_sae=source, effect=choice.effect)
    special = sources.filter("special")
    left, right = st.columns(2)
    with left:
        show(fit_bars(fit.filter(pl.col("positions") == "gene")), text)
    with right:
        columns = ("page", "special_rate", "special_share", "gene_rate", "selected", "n_edges")
        st.caption(_sources_line(sources))
        if special.is_empty():
            st.info("No feature that fires in the traced cells belongs to special tokens (start, end and the like).")
        else:
            shown = special.with_columns(page=feature_address()).select(columns)
            show_table(shown, {"page": link_column("feature")}, of=("trace_source",), height=280)
            st.caption(
                "Features of special tokens. They are ablated at genes alone, so what they do from a special token "
                "makes no edge; those that are traced fire at genes as well."
            )


def _sources_line(sources: pl.DataFrame) -> str:
    chosen = sources.filter("selected")
    rule = markdown(sources["rule"][0])
    return (
        f"Traced: {chosen.height:,} of {sources.height:,} features that fire in these cells (rule {rule}). Features "
        f"that belong to special tokens: {int(sources['special'].sum()):,}, of which {int(chosen['special'].sum()):,} "
        "are traced."
    )


THRESHOLDS = Panel("Thresholds and null", ("feature_degree", "threshold_sweep"), thresholds, also=("null_feature",))
CONTROLS = Panel("Controls", ("trace_control",), controls)
TRACED_CELLS = Panel("Traced cells", ("traced_fit", "trace_source"), traced_cells)
