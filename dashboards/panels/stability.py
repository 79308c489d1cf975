"""Panels of stability: effects in other draws of cells, beside co-expression, and how large they must be."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.stability import by_label, by_size, coexpression_curves
from dashboards.circuit_choice import chosen_circuits, first_source
from dashboards.data import query_run
from dashboards.layout import described_table, figure_beside_table, filled, two_figures
from dashboards.panel import Panel
from dashboards.panels.effect_sizes import NONE_HERE
from dashboards.style import show

NO_DRAWS = (
    "No draws of cells were compared for this source layer: choose another above, set stability.wanted = true, or "
    "trace more cells (trace.n_cells)."
)


def stability() -> None:
    """Effects of the same sources in disjoint draws of cells, by size and by cell type."""
    rows = query_run("draw_stability", source_sae=first_source(chosen_circuits()))
    if not filled(rows, NO_DRAWS):
        return
    sizes, labels = (rows.filter(pl.col("kind").str.starts_with(kind)) for kind in ("cells", "label"))
    if not sizes.is_empty():
        text = (
            "Disjoint draws of the traced cells, mean over draws and target layers. Dashed: one draw of a source "
            "beside the other draw of another source. All traced cells are at least as stable as the largest draws."
        )
        two_figures(
            (by_size(sizes, "r", "Correlation of effects", null="r_chance"), text),
            (
                by_size(sizes, "jaccard", "Found in both draws", null="jaccard_chance"),
                "Edges found in both, of either.",
            ),
        )
    tested = labels.filter(pl.col("criterion") == "tested")
    if not tested.is_empty():
        n = tested["n_cells"][0]
        show(
            by_label(tested),
            f"Draws of {n} cells of one type each, all pairs with an effect. Types differ in circuits where draws "
            "of two types agree less than two draws of one type. Bars: standard errors over sources.",
        )
    described_table(rows, "Every pair of draws.", of=("run_pair_stability",), height=300)


def coexpression() -> None:
    """The size of effects beside co-expression of the genes of both ends."""
    source = first_source(chosen_circuits())
    fits, curves = (
        query_run("coexpression_fits", source_sae=source),
        query_run("coexpression_curves", source_sae=source),
    )
    if not filled(fits, NONE_HERE):
        return
    layers = fits["target_layer"].unique().sort().to_list()
    layer = layers[0] if len(layers) == 1 else addressed_choice("Target layer of the curve", "curve_layer", layers)
    text = (
        "Mean |g| of pairs of features by how far their genes rise and fall together, depth and cell type taken off. "
        "Bars: standard errors over pairs."
    )
    caption = (
        "r2: share of the variance of |g| that a line foretells for sources it was not fitted to, with its 95 % "
        "interval over sources. A threshold on |g| leaves edges little to vary, so their r2 is no estimate of that of "
        "all pairs; published took edges alone, and counted a gene that both ends list as co-expressed with itself."
    )
    figure_beside_table(
        coexpression_curves(curves.filter(pl.col("target_layer") == layer)), text,
        fits.filter(pl.col("target_layer") == layer).drop("target_layer"), caption, of=("regression_summary",),
        height=260,
    )  # fmt: skip


def least_effects() -> None:
    """How large an effect must be to be called, by the cells behind it."""
    rows = query_run("fdr_thresholds", source_sae=first_source(chosen_circuits()))
    if not filled(rows, NONE_HERE):
        return
    stuck = rows.filter((pl.col("n_called") == 0) & (pl.col("n_at_smallest") > 0))
    if not stuck.is_empty():
        st.warning(too_few_draws(stuck))
    caption = (
        "d_bonferroni: a larger |d| is called whatever the other tests say, if effects are normal; d_called: the least "
        "|d| that was. min_rejections tests must have the smallest p that sign flips can give before any is called."
    )
    described_table(rows, caption, of=("fdr_threshold",), height=420)


def too_few_draws(stuck: pl.DataFrame) -> str:
    """What cannot be called for want of sign flips; ``stuck``: rows without a call, of pairs with the smallest p."""
    n, most = int(stuck["n_at_smallest"].sum()), max(stuck["n_cases"].to_list())
    return (
        f"{n:,} pairs of sources in {most} cells or fewer have the smallest p that sign flips of so few can give, and "
        "it is not small enough for any of them to be called. That they are no edges says nothing: trace more cells "
        "(trace.n_cells), or raise trace.fine_flips."
    )


STABILITY = Panel("Stability", ("run_pair_stability",), stability)
COEXPRESSION = Panel("Co-expression", ("regression_summary",), coexpression, also=("edge_coexpression",))
LEAST_EFFECTS = Panel("Least effects", ("fdr_threshold",), least_effects)
