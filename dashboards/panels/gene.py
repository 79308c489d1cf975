"""Panels of one gene: the features that list it, by layer and rank, and the same counts in all runs."""

import streamlit as st

from dashboards.charts.genes import features_by_layer, ranks_by_layer
from dashboards.data import query_run, run_query
from dashboards.imported import given
from dashboards.layout import described_table, two_figures
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel

CHOSEN = "gene_chosen"  # key in the session


def features() -> None:
    """Counts by layer beside their expectation, ranks, and the features."""
    gene = st.session_state[CHOSEN]
    found = query_run("gene_features", symbol=gene)
    two_figures(
        (
            features_by_layer(query_run("gene_layers", symbol=gene), {"expected": "expected"}),
            "Features that list the gene. The dashed line is what each layer would have if lists of the same lengths "
            "held all genes of the run alike.",
        ),
        (ranks_by_layer(found), "One point per feature: its layer, and the gene's rank in its list (1 on top)."),
    )
    shown = given(found.with_columns(page=feature_address()).drop("sae_id", "feature"))
    links = {"page": link_column("feature")}
    of = ("feature_gene", "feature")
    described_table(
        shown.select("page", *(name for name in shown.columns if name != "page")),
        "Features that list the gene, first those that list it highest.",
        of=of,
        links=links,
        height=420,
    )


def runs() -> None:
    """Counts of every published run."""
    frame = run_query("gene_runs", symbol=st.session_state[CHOSEN])
    caption = "Every published run, layer by layer; expected as above."
    described_table(frame, caption, height=260)


RUNS = Panel("In all runs", ("feature_gene",), runs)
FEATURES = Panel("Features by layer and rank", ("feature_gene",), features)
