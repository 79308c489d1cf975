"""Panels about how effects were measured: direct beside total, reduced precision beside float32."""

import polars as pl
import streamlit as st

from dashboards.charts.circuits import by_distance
from dashboards.circuit_choice import chosen_circuits
from dashboards.data import chosen_run, query_run, run_query
from dashboards.layout import filled, two_figures
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.tables import show_table
from dashboards.text import markdown

ENDS = (
    pl.format("L{}", "source_layer").alias("source"),
    pl.format("L{}", "target_layer").alias("target"),
)


def direct_and_total() -> None:
    """Direct beside total effects, by pair of layers."""
    choice = chosen_circuits()
    frame = query_run("direct_and_total", criterion=choice.rule, source_sae=choice.source_sae)
    if not filled(frame, "No two layers here have both kinds of effect."):
        return
    st.write(
        "**Direct**: only the positions where the source is active are carried on, everything else is held as it was. "
        "**Total**: everything downstream is computed again, so the change may also travel through other positions. "
        "At the next layer they are the same number; beyond it, what is total but not direct went by way of others."
    )
    frame = frame.with_columns(shared=pl.col("n_both") / pl.when(pl.col("n_total") > 0).then("n_total"))
    share = (
        "Sum of |mean| of direct over total effects, all measured pairs. "
        "Above 1: other paths work against the direct one."
    )
    both = "Share of the total edges that are also edges by their direct effect, under the chosen rule."
    two_figures(
        (by_distance(frame, "direct_share", "Direct share of the total effect"), share),
        (by_distance(frame, "shared", "Total edges that are direct edges too"), both),
    )
    shown = frame.select(*ENDS, "n_pairs", "n_total", "n_direct", "n_both", "d_rho", "direct_share")
    show_table(shown, of=("effect_comparison",))


def used_precision() -> str | None:
    """The arithmetic of the chosen run; None for imported ones."""
    precision: str | None = run_query("runs").filter(run_id=chosen_run())["precision"][0]
    return precision


def warn_if_not_audited() -> None:
    """Say so where edges were measured in reduced precision and nothing was measured again in float32."""
    used = used_precision()
    if used not in (None, "float32") and has_rows("edge_stat") and not has_rows("precision_audit"):
        st.warning(f"Measured in {markdown(used)}, and nothing was measured again in float32.")


def precision() -> None:
    """The audit of reduced arithmetic against float32."""
    frame = query_run("precision_audit", **chosen_circuits().ends)
    if not filled(frame, "No source feature of this choice was measured again in float32."):
        return
    st.write(
        f"Measured in **{markdown(used_precision())}**. Some source features were measured again in float32: the "
        "closer the differences of d are to 0, and the overlap of edges (Jaccard) and the correlation of degrees to 1, "
        "the less the cheaper arithmetic matters. A sign that differs belongs, as a rule, to an effect near 0."
    )
    shown = frame.select(*ENDS, pl.exclude("precision", "^source_.*$", "^target_.*$"))
    show_table(shown, of=("precision_audit",), height=300)


DIRECT_AND_TOTAL = Panel("Direct and total", ("effect_comparison",), direct_and_total, also=("layer_pair",))
PRECISION = Panel("Precision", ("precision_audit",), precision)
