"""Panels of one gene set: the features that it labels, and the genes that these share with it."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.charts.genes import features_by_layer
from dashboards.data import query_run
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel

CHOSEN = "pathway_chosen"  # key in the session


def _of_pathway(query: str) -> pl.DataFrame:
    library, term = st.session_state[CHOSEN]
    return query_run(query, library=library, term=term)


def features() -> None:
    """Features by layer beside those of the mean gene set of the library and of random lists, and the features."""
    shown = given(
        _of_pathway("pathway_features").with_columns(page=feature_address()).drop("sae_id", "feature", "layer")
    )
    text = (
        "Features that the gene set labels. The dashed line is the mean over the gene sets of its library that label "
        "a feature of the run."
    )
    layers = _of_pathway("pathway_layers")
    if layers["by_chance"].count():
        text += " The dotted line is the mean over all its gene sets for random lists of genes, in place of features."
    links: dict[str, Any] = {"page": link_column("feature")}
    figure_beside_table(
        features_by_layer(layers, {"expected": "mean gene set", "by_chance": "random lists"}),
        text,
        shown.select("page", *(name for name in shown.columns if name != "page")),
        "Genes shared with the set, beside the number expected of a list of this length.",
        of=("annotation", "feature"),
        links=links,
        height=420,
    )


def genes() -> None:
    """The genes by which features came to the set."""
    caption = "Genes of the set that the labelled features list: how many of them list each."
    described_table(_of_pathway("pathway_genes"), caption, height=360)


FEATURES = Panel("Features by layer", ("annotation",), features)
GENES = Panel("Genes", ("annotation",), genes)
