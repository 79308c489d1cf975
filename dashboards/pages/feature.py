"""Feature: all that is known about one feature. Deep link: ``?sae=…&feature=…``."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.data import imported_run, query_run
from dashboards.edges import edge_panel
from dashboards.feature_charts import cell_type_bars, gene_bars, histogram
from dashboards.feature_choice import choose_feature
from dashboards.frame import run_page
from dashboards.imported import NOT_PUBLISHED, PUBLISHED, figure, given
from dashboards.links import feature_address, feature_name, link_column
from dashboards.published_feature import published_cell_types, published_evidence
from dashboards.style import show
from dashboards.tables import show_table


def header(about: dict[str, Any], name: str) -> None:
    """Name, label and the figures that matter first."""
    st.title(f"{name} · {about['label'] or 'no annotation'}")
    if not about["alive"]:
        st.warning("This feature is dead: it never fires on these cells, so there is nothing to show about it.")
    cell_type = about["top_cell_type"] or "none significant"
    st.caption(f"Tier {about['tier']}. Top genes: {about['top_genes'] or 'none'}. Cell type: {cell_type}.")
    if imported_run():
        st.caption(f"Evidence: {PUBLISHED}. A dash stands for what is {NOT_PUBLISHED}.")
    values = {
        "Firing frequency": (f"{about['frequency']:.2%}", "Share of gene positions where it fires"),
        "Firings": (f"{about['fire_count']:,}", "Positions where it fires"),
        "Cells": (figure(about["n_cells_active"], ","), "Cells with at least one firing"),
        "Genes": (figure(about["n_genes"], ","), "Distinct genes it ever fires on"),
        "Mean when active": (figure(about["mean_when_active"], ".3g"), "Mean activation where it fires"),
        "Largest": (figure(about["max_activation"], ".3g"), "Largest activation"),
        "Cell-type AUROC": (
            "none" if about["top_cell_type"] is None else figure(about["top_cell_type_auroc"], ".3f"),
            f"For its best significant cell type, {cell_type}",
        ),
        "Module": ("none" if about["module"] is None else f"{about['module']}", "Group of features that fire together"),
    }
    for row in (list(values)[:4], list(values)[4:]):
        for column, title in zip(st.columns(4), row, strict=True):
            column.metric(title, values[title][0], help=values[title][1], border=True)


def genes(sae_id: str, feature: int) -> None:
    """Genes as bars and table."""
    frame = query_run("feature_genes", sae_id=sae_id, feature=feature)
    left, right = st.columns([2, 3])
    if frame.is_empty():
        left.info("No gene fires often enough to be ranked.")
        return
    with left:
        shrunk = "" if imported_run() else ", shrunk towards zero for rare genes"
        show(gene_bars(frame.head(20)), f"Genes on which the feature fires most strongly{shrunk}.")
    with right:
        show_table(given(frame), height=420)


def meaning(sae_id: str, feature: int) -> None:
    """Terms and cell types."""
    terms = query_run("feature_terms", sae_id=sae_id, feature=feature, n_rows=200)
    types = query_run("feature_cell_types", sae_id=sae_id, feature=feature)
    left, right = st.columns([3, 2])
    with left:
        st.subheader("Gene sets")
        if terms.is_empty():
            st.info("No gene set was tested for this feature, or its layer's file was missing.")
        else:
            show_table(given(terms), height=330)
            st.caption(
                "Overlap of the feature's genes with known gene sets; q corrects for every pair that was tested."
            )
    with right:
        st.subheader("Cell types")
        if imported_run():
            published_cell_types(sae_id, feature)
        elif types.is_empty():
            st.info("No labels in this run, so no cell types.")
        else:
            text = "AUROC: chance that a cell of the type is the more active one of two cells; 0.5 is no difference."
            show(cell_type_bars(types), text)


def activity(sae_id: str, feature: int) -> None:
    """Histogram and neighbours."""
    left, right = st.columns([2, 3])
    bins = query_run("feature_histogram", sae_id=sae_id, feature=feature)
    near = query_run("feature_neighbours", sae_id=sae_id, feature=feature)
    with left:
        st.subheader("Activations")
        if bins.is_empty():
            st.info("The feature never fires.")
        else:
            show(histogram(bins), "How strong it is where it fires; zeros are left out.")
    with right:
        st.subheader("Nearest directions")
        layer = int(query_run("feature", sae_id=sae_id, feature=feature)["layer"][0])
        shown = near.with_columns(layer=pl.lit(layer)).with_columns(page=feature_address())
        shown = shown.select("page", "cosine", "top_genes", "label", "frequency")
        show_table(shown, {"page": link_column("feature")}, height=280)
        st.caption("Features of the same layer whose directions point most nearly the same way (cosine 1: identical).")


def controls(sae_id: str, feature: int) -> None:
    """The controls of the feature's ablation."""
    frame = query_run("feature_controls", sae_id=sae_id, feature=feature)
    if frame.is_empty():
        return
    st.subheader("Controls")
    show_table(frame)
    st.caption(
        "Zero must give no edge. A random direction of equal size, one as the layer's states vary, and an equally "
        "frequent feature show how much of the effect is unspecific: a ratio of 1 to the real ablation is all of it."
    )


def main() -> None:
    """The whole page."""
    saes = query_run("layer_quality")
    if saes.is_empty():
        st.info("This run has no autoencoder, so it has no features.")
        return
    sae_id, feature = choose_feature(saes)
    found = query_run("feature", sae_id=sae_id, feature=feature)
    if found.is_empty():
        st.info("This feature was not described.")
        return
    about = found.row(0, named=True)
    header(about, feature_name(about["layer"], feature))
    st.subheader("Genes")
    genes(sae_id, feature)
    meaning(sae_id, feature)
    if imported_run():
        published_evidence(sae_id, feature)
        return
    activity(sae_id, feature)
    st.subheader("Edges")
    edge_panel(sae_id, feature)
    controls(sae_id, feature)


run_page(main)
