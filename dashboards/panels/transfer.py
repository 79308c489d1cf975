"""The panel of other studies: edges, effects, sources and gene pairs of this one beside theirs."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.effect_sizes import by_layer
from dashboards.circuit_choice import chosen_circuits, first_source
from dashboards.data import query_run
from dashboards.layout import described_table, filled
from dashboards.panel import Panel
from dashboards.panels.effect_sizes import NONE_HERE
from dashboards.style import show
from dashboards.text import markdown


def transfer() -> None:
    """Edges, degrees, effects and gene pairs beside those of another study."""
    source = first_source(chosen_circuits())
    spread = query_run("transfer_summary", source_sae=source)
    if not filled(spread, NONE_HERE):
        return
    names = spread["other"].unique(maintain_order=True).to_list()
    other = names[0] if len(names) == 1 else addressed_choice("Other study", "other", names)
    edges = query_run("transfer_edges", source_sae=source).filter(pl.col("other") == other)
    left, right = st.columns(2)
    with left:
        text = (
            "Edges found here and there over edges found in either, of sources traced in both. Dashed: sources "
            "exchanged, which is what targets that answer any source give. Columns ceiling: halves of the cells of one "
            "study."
        )
        if filled(edges, f"Study {markdown(other)} has other autoencoders: their features are not these."):
            show(by_layer(edges, "jaccard", "Found in both", null="jaccard_chance"), text)
            described_table(edges.drop("effect", "other"), "By target layer.", of=("transfer_edge",), height=200)
    with right:
        own = spread.filter(pl.col("other") == other).select("statistic", "own", "theirs")
        caption = (
            f"How edges are spread over the traced features, here and in {markdown(other)}. All of them fire there."
        )
        described_table(own, caption, of=("transfer_summary",), height=420)
    effects_beside(source, other)
    sources_beside(source, other)
    gene_pairs_beside(source, other)


def effects_beside(source: str, other: str) -> None:
    """Whether single effects have one size and sign in both studies."""
    rows = query_run("study_stability", source_sae=source).filter(pl.col("other") == other).drop("other")
    if not rows.is_empty():
        text = (
            "Effects of the sources traced in both, target by target. r: correlation of g, of all pairs with an effect "
            "(tested) and of edges; r_se: its standard error over sources; chance: sources exchanged."
        )
        described_table(rows, text, of=("run_pair_stability",), height=200)


def sources_beside(source: str, other: str) -> None:
    """What the sources of either study have for edges."""
    rows = query_run("source_contrasts", source_sae=source).filter(pl.col("other") == other)
    if rows.is_empty():
        return
    cells = "traced the same cells" if rows["same_cells"].all() else "traced other cells, which may make a difference"
    text = (
        f"What all sources of either study have for edges. The studies {cells}. p: sources of one study alone, dealt "
        "anew. Sources that are ranked by what is known of them say nothing of the others."
    )
    described_table(rows.drop("other", "same_cells"), text, of=("source_contrast",), height=280)


def gene_pairs_beside(source: str, other: str) -> None:
    """Pairs of genes that edges of both predict."""
    rows = query_run("paired_gene_pairs", source_sae=source).filter(pl.col("other") == other).drop("other")
    if not rows.is_empty():
        text = (
            "Pairs of genes that edges of both studies predict, whatever their models. g has no unit: raw compares it "
            "as it is; the other two rows multiply it as published comparisons did, which turns the ratio round."
        )
        described_table(rows, text, of=("paired_gene_pair",), height=180)


TRANSFER = Panel(
    "Transfer",
    ("transfer_summary",),
    transfer,
    also=("transfer_edge", "source_contrast", "paired_gene_pair"),
)
