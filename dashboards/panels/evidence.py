"""Panels that say how far edges can be trusted: thresholds, sign-flip null, controls."""

import polars as pl
import streamlit as st

from dashboards.charts.circuits import control_boxes, null_scatter, sweep_map
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
    _sweep_maps(sweep, asked["source_sae"])
    criterion = "published" if choice.rule == "published" else "calibrated"
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


THRESHOLDS = Panel("Thresholds and null", ("feature_degree", "threshold_sweep"), thresholds, also=("null_feature",))
CONTROLS = Panel("Controls", ("trace_control",), controls)
