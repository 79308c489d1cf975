"""Panels of one feature: genes, gene sets, cell types and tissues, contexts, activations, neighbours, gene networks."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.charts.features import cell_type_bars, gene_bars, histogram
from dashboards.data import imported_run, query_run
from dashboards.feature_choice import chosen_feature
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table


def of_feature(query: str, **params: Any) -> pl.DataFrame:  # noqa: ANN401 - any value that DuckDB can bind
    """Rows of a query on the feature that the page shows."""
    sae_id, feature = chosen_feature()
    return query_run(query, sae_id=sae_id, feature=feature, **params)


def genes() -> None:
    """Genes as bars and table."""
    frame = of_feature("feature_genes")
    if not filled(frame, "No gene fires often enough to be ranked."):
        return
    shrunk = "" if imported_run() else ", shrunk towards zero for rare genes"
    lines = " Lines: 95 % intervals over cells." if frame["score_low"].count() else ""
    text = f"Genes on which the feature fires most strongly{shrunk}.{lines}"
    caption = "Hold the pointer over a heading to read what the column holds."
    figure_beside_table(gene_bars(frame.head(20)), text, given(frame), caption, of=("feature_gene",), height=420)


def gene_sets() -> None:
    """Known gene sets that its genes fall into."""
    terms = of_feature("feature_terms", n_rows=200)
    nothing = (
        "The published files hold no gene set of this feature."
        if imported_run()
        else "No gene set holds enough of this feature's genes to be listed."
    )
    if filled(terms, nothing):
        caption = (
            "Overlap of the feature's genes with known gene sets; q corrects for every pair that was tested. "
            "Significant sets that share most genes with a better one name it and come last."
        )
        described_table(given(terms), caption, of=("annotation",), height=330)


def cell_types() -> None:
    """Cell types in which it is more active, as AUROC or as over-representation among its most active cells."""
    types = of_feature("feature_cell_types").filter(pl.col("auroc").is_not_null())
    enriched = of_feature("feature_enrichment")
    if not types.is_empty():
        text = (
            "AUROC: chance that a cell of the type is the more active one of two cells of the same length; 0.5 is no "
            "difference. A type is called if the lower end of the interval is high enough."
        )
        show(cell_type_bars(types), text)
    if not enriched.is_empty():
        caption = "Types and tissues among the tenth of cells where it is most active; q corrects within the feature."
        described_table(given(enriched), caption, of=("feature_cell_type",), height=240)
    if types.is_empty() and enriched.is_empty():
        st.info("No cell type and no tissue stands out.")


def contexts() -> None:
    """Where it is most active: cells, and in own runs the gene and its place."""
    found = of_feature("feature_top_cells")
    if filled(found, "The feature never fires, or its layer's file was missing."):
        own = "Where it is most active: the gene that is read, the place of that gene in the cell, and the cell."
        text = "Cells where it is most active: means over the genes on which it fires." if imported_run() else own
        described_table(given(found), text, of=("feature_top_cell", "cell", "gene"))


def activations() -> None:
    """How strong it is where it fires."""
    bins = of_feature("feature_histogram")
    if filled(bins, "The feature never fires."):
        show(histogram(bins), "How strong it is where it fires; zeros are left out.")


def neighbours() -> None:
    """Features of the same layer that point nearly the same way."""
    near = of_feature("feature_neighbours")
    layer = int(of_feature("feature")["layer"][0])
    shown = near.with_columns(layer=pl.lit(layer)).with_columns(page=feature_address())
    shown = shown.select("page", "cosine", "name", "top_genes", "label", "frequency")
    caption = "Features of the same layer whose directions point most nearly the same way (cosine 1: identical)."
    links = {"page": link_column("feature")}
    described_table(shown, caption, of=("feature_neighbour", "feature"), links=links, height=280)


def networks() -> None:
    """How densely its genes are joined in gene networks, beside genes that are alike."""
    densities = of_feature("feature_networks")
    if filled(densities, "No network joins genes of this feature."):
        caption = (
            "Edges among its genes in gene networks. Expected: among genes of the same degrees that stand in as many "
            "lists; q corrects over all features, networks and modes."
        )
        if densities["q"].is_null().all():
            caption = "Edges among its genes in gene networks, over all pairs: a density, untested; larger is stronger."
        show_table(given(densities), of=("feature_network_density",))
        st.caption(caption)


def rankings() -> None:
    """Gene sets in the whole ranking of its genes."""
    terms = of_feature("feature_rankings", n_rows=100)
    if filled(terms, "The study does not name this feature under ranked.features."):
        caption = "Gene sets that stand high in the ranking of all genes on which it fires, not among the first alone."
        described_table(terms, caption, of=("ranked_term",), height=330)


GENES = Panel("Genes", ("feature_gene",), genes)
GENE_SETS = Panel("Gene sets", ("annotation",), gene_sets)
CELL_TYPES = Panel("Cell types", ("feature_cell_type",), cell_types, also=("feature_tissue",))
CONTEXTS = Panel("Contexts", ("feature_top_cell",), contexts)
ACTIVATIONS = Panel("Activations", ("feature_histogram",), activations)
NEIGHBOURS = Panel("Nearest directions", ("feature_neighbour",), neighbours)
RANKINGS = Panel("Gene sets in the whole ranking", ("ranked_term",), rankings)
NETWORKS = Panel("Gene networks", ("feature_network_density",), networks)
