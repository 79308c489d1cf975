"""Tabs of the circuits page about how effects were measured: direct beside total, reduced precision beside float32."""

import polars as pl
import streamlit as st

from dashboards.circuit_charts import by_distance
from dashboards.data import chosen_run, query_run, run_query
from dashboards.style import show
from dashboards.tables import show_table

ENDS = (
    pl.format("L{}", "source_layer").alias("source"),
    pl.format("L{}", "target_layer").alias("target"),
)


def direct_and_total(traced: pl.DataFrame, effect: str, rule: str, source_sae: str | None) -> None:
    """Direct beside total effects, by pair of layers, if the run measured both."""
    if set(traced["effect"]) != {"total", "direct"}:
        st.info(f"This run measured {effect} effects only; with trace.effects naming total and direct, both are here.")
        return
    frame = query_run("direct_and_total", criterion=rule, source_sae=source_sae)
    if frame.is_empty():
        st.info("No two layers here have both kinds of effect.")
        return
    st.write(
        "**Direct**: only the positions where the source is active are carried on, everything else is held as it was. "
        "**Total**: everything downstream is computed again, so the change may also travel through other positions. "
        "At the next layer they are the same number; beyond it, what is total but not direct went by way of others."
    )
    frame = frame.with_columns(shared=pl.col("n_both") / pl.when(pl.col("n_total") > 0).then("n_total"))
    left, right = st.columns(2)
    with left:
        text = (
            "Sum of |mean| of direct over total effects, all measured pairs. "
            "Above 1: other paths work against the direct one."
        )
        show(by_distance(frame, "direct_share", "Direct share of the total effect"), text)
    with right:
        text = "Share of the total edges that are also edges by their direct effect, under the chosen rule."
        show(by_distance(frame, "shared", "Total edges that are direct edges too"), text)
    shown = frame.select(*ENDS, "n_pairs", "n_total", "n_direct", "n_both", "d_rho", "direct_share")
    show_table(shown)


def precision(traced: pl.DataFrame, effect: str, rule: str, source_sae: str | None) -> None:
    """The audit of reduced arithmetic against float32."""
    runs = run_query("runs").filter(run_id=chosen_run())
    used = runs["precision"][0]
    if used == "float32":
        st.info("Measured in float32: nothing to audit.")
        return
    frame = query_run("precision_audit", effect=effect, source_sae=source_sae)
    if frame.is_empty():
        st.warning(f"Measured in {used}, and nothing here was measured again in float32.")
        return
    st.write(
        f"Measured in **{used}**. Some source features were measured again in float32: the closer the differences of d "
        "are to 0, and the overlap of edges (Jaccard) and the correlation of degrees to 1, the less the cheaper "
        "arithmetic matters. A sign that differs belongs, as a rule, to an effect near 0."
    )
    shown = frame.select(*ENDS, pl.exclude("precision", "^source_.*$", "^target_.*$"))
    show_table(shown, height=300)
