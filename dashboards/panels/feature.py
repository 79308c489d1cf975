"""Panels of one feature: genes, gene sets, cell types and tissues, contexts, activations, neighbours, gene networks."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.charts.features import cell_type_bars, context_strips, gene_bars, histogram
from dashboards.data import imported_run, query_run
from dashboards.feature_choice import chosen_feature
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table, filled
from dashboards.links import cell_link, feature_address, link_column, type_query
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.style import show
from dashboards.tables import show_table
from dashboards.text import markdown

N_TYPES = 3  # pages of cell types that are linked
STRIPS = (
    "Cells where it is most active. A strip is the row of genes that the model reads of a cell, the first one on the "
    "left; a mark is a gene on which the feature fires most, its colour the activation. Activations on the other genes "
    "of the cell are not kept."
)


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
    if (frame["gene_id"] == frame["symbol"]).all():  # published files may know genes by their symbols alone
        frame = frame.drop("gene_id")
    figure_beside_table(gene_bars(frame.head(20)), text, given(frame), caption, of=("feature_gene",), height=420)


def gene_sets() -> None:
    """Known gene sets that its genes fall into."""
    terms = of_feature("feature_terms", n_rows=200)
    if filled(terms, "No gene set holds enough of this feature's genes." if not imported_run() else _not_published()):
        caption = (
            "Overlap of the feature's genes with known gene sets; q corrects for every pair that was tested. "
            "Significant sets that share most genes with a better one name it and come last."
        )
        described_table(given(terms), caption, of=("annotation",), height=330)


def _not_published() -> str:
    """Why an imported feature has no gene set: its layer has none, or it alone."""
    if query_run("layer_annotated", sae_id=chosen_feature()[0])["n_features"][0]:
        return "The published files list gene sets for this layer, and none for this feature."
    return "The published files list no gene set of this layer; a label in the title is from its catalogue alone."


def cell_types() -> None:
    """Cell types in which it is more active, as AUROC or as over-representation among its most active cells."""
    tested = of_feature("feature_cell_types")
    types = tested.filter(pl.col("auroc").is_not_null())
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
    for cell_type in tested.filter("called")["cell_type"].head(N_TYPES):
        label = f"Features that tell {markdown(cell_type)}"
        query = type_query("cell type", cell_type)
        st.page_link("pages/cell_type.py", label=label, icon=":material/bubble_chart:", query_params=query)


def strongest() -> None:
    """Where it is most active: cells, and in own runs the gene and its place; as strips if whole cells are not kept."""
    found = of_feature("feature_top_cells")
    if filled(found, "The feature never fires, or its layer's file was missing."):
        if found["n_tokens"].count() and not has_rows("feature_cell"):
            show(context_strips(found), STRIPS)
        pages = [None if cell is None else cell_link(cell) for cell in found["cell_id"]]
        found = found.with_columns(cell_id=pl.Series(pages, dtype=pl.String)).rename({"cell_id": "cell"})
        own = "Where it is most active: the gene that is read, the place of that gene in the cell, and the cell."
        text = "Cells where it is most active: means over the genes on which it fires." if imported_run() else own
        links = {"cell": st.column_config.LinkColumn("cell", display_text="open", help="Opens the page of this cell")}
        described_table(given(found), text, of=("feature_top_cell", "cell", "gene"), links=links)


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
STRONGEST = Panel("Strongest activations", ("feature_top_cell",), strongest)
ACTIVATIONS = Panel("Activations", ("feature_histogram",), activations)
NEIGHBOURS = Panel("Nearest directions", ("feature_neighbour",), neighbours)
RANKINGS = Panel("Gene sets in the whole ranking", ("ranked_term",), rankings)
NETWORKS = Panel("Gene networks", ("feature_network_density",), networks)
