"""Panels of groups of features: classes of cells, and diseases, each beside features like them."""

import polars as pl
import streamlit as st

from dashboards.data import query_run
from dashboards.layout import described_table, filled, metrics
from dashboards.panel import Panel
from dashboards.panels.knowledge import CALLED
from dashboards.text import markdown

N_ROWS = 300
ASSOCIATED = "Level 1 of 4: an association."
INTERVENED = "Level 3 of 4, consistent with intervention: targets change when sources are taken out."


def classes() -> None:
    """Edges within classes of cells."""
    tests = query_run("class_tests")
    first = tests.row(0, named=True)
    tested = tests.filter(pl.col("p").is_not_null())
    found = tested.filter(pl.col("q") <= CALLED).height
    st.write(
        f"Classes are labels of **{markdown(first['obs_column'])}** that features were found to mark, never read from "
        f"names. Edges of **{found}** of {tested.height} tested classes stay within them more or less than exchanged "
        "targets give (q at most 0.05); a class counts by its sources, not by its edges."
    )
    described_table(
        tests.drop("obs_column"),
        "Share: edges of a source that reach its class, mean over sources; beside it what exchanged classes of targets "
        "give. p_edges counts every edge by itself, as published tests do, and is too small.",
        of=("class_enrichment",),
    )
    circuits = query_run("class_circuits", n_rows=N_ROWS)
    if not circuits.is_empty():
        told = "Labelled features that edges within a class join, beside what exchanged classes give."
        described_table(circuits, told, of=("class_circuit",), height=300)
    st.caption(
        f"{INTERVENED} All traced cells count alike, so nothing here is said of the cells of a class, and nothing of a "
        "tissue."
    )


def disease() -> None:
    """Features that list disease genes, then their degrees and edges."""
    rates = query_run("disease_rates")
    every = rates.filter(pl.col("library") == "all")
    n_features = int(every["n_features"].sum())
    shares = {
        name: f"{(every[name] * every['n_features']).sum() / n_features:.1%}" if n_features else "none"
        for name in ("annotated_fraction", "null_mean")
    }
    metrics(
        {
            "Features with a disease": (shares["annotated_fraction"], f"Of {n_features:,} that list genes."),
            "Random lists with a disease": (shares["null_mean"], "Lists that hold every gene as often as these do."),
        }
    )
    described_table(rates, "By autoencoder and file.", of=("disease_summary",))
    features = query_run("disease_features", n_rows=N_ROWS)
    if filled(features, "No feature shares two genes with a disease."):
        told = f"Features that list the genes of a disease, smallest q first. {ASSOCIATED}"
        described_table(features, told, of=("feature_disease",), height=300)
    degrees, circuits = query_run("disease_degrees"), query_run("disease_circuits")
    if degrees.is_empty():
        st.info("No traced feature has a significant disease: there is nothing to say of edges.")
        return
    described_table(
        degrees,
        "Whether they have more edges than features of their layer that fire as often and list as many genes. "
        f"p_unmatched, as published, knows of neither. {ASSOCIATED}",
        of=("disease_test",),
        height=260,
    )
    described_table(
        circuits,
        "Edges whose two ends have one disease, beside the disease exchanged among targets like them and beside "
        f"rewired edges. {INTERVENED} It says nothing of how the disease comes about.",
        of=("disease_circuit",),
        height=260,
    )


CLASSES = Panel("Classes of cells", ("class_enrichment",), classes, also=("class_circuit",))
DISEASE = Panel(
    "Disease genes", ("disease_summary",), disease, also=("feature_disease", "disease_test", "disease_circuit")
)
