"""Tabs of the circuits page that say how far edges can be trusted: thresholds, sign-flip null, controls."""

import polars as pl
import streamlit as st

from dashboards.circuit_charts import control_boxes, null_scatter, sweep_map
from dashboards.data import query_run
from dashboards.links import feature_address, link_column
from dashboards.style import show
from dashboards.tables import show_table


def thresholds(traced: pl.DataFrame, effect: str, rule: str, source_sae: str | None) -> None:
    """Edges and false-discovery rate over thresholds; observed against expected edges."""
    source = source_sae or traced["source_sae"][0]
    sweep = query_run("threshold_sweep", effect=effect, source_sae=source)
    if sweep.is_empty():
        st.info("No threshold sweep was made for this choice.")
        return
    left, right = st.columns(2)
    with left:
        show(sweep_map(sweep, "n_edges", "Edges"), f"Pairs that pass each pair of thresholds ({source}).")
    with right:
        text = (
            "False-discovery rate: pairs expected by chance (sign flips) over pairs found. Above 1: nothing but chance."
        )
        show(sweep_map(sweep, "fdr", "FDR"), text)
    null = query_run(
        "null_features",
        effect=effect,
        criterion="published" if rule == "published" else "calibrated",
        source_sae=source,
    )
    if null.is_empty():
        return
    expected, observed = float(null["expected_null"].sum()), int(null["observed"].sum())
    rate = f"{expected / observed:.1%}" if observed else "undefined"
    text = f"{observed:,} pairs pass the rule's effect and agreement, {expected:,.0f} by chance: FDR {rate}, q apart."
    show(null_scatter(null), text)


def controls(traced: pl.DataFrame, effect: str, rule: str, source_sae: str | None) -> None:
    """Ablations beside their controls."""
    frame = query_run("controls", effect=effect, source_sae=source_sae)
    if frame.is_empty():
        st.info("No controls were run for this kind of effect.")
        return
    left, right = st.columns(2)
    with left:
        show(
            control_boxes(frame, "n_edges", "Edges"),
            "One point a source feature. Zero: nothing is taken out; it must give 0.",
        )
    with right:
        text = "Random direction: a displacement of equal size. Frequency matched: a feature that fires about as often."
        show(control_boxes(frame, "mean_abs_effect", "Mean |effect| (activation)"), text)
    shown = frame.rename({"source_feature": "feature", "source_layer": "layer", "source_sae": "sae_id"})
    shown = shown.with_columns(page=feature_address()).select(
        "page", "control", "matched_feature", "n_cells", "n_edges", "mean_abs_effect", "max_abs_effect"
    )
    show_table(shown, {"page": link_column("feature")}, height=300)
