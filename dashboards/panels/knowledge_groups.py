"""Panels of groups of features: classes of cells, and diseases, each beside features like them."""

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboards.charts.knowledge import beside_chance
from dashboards.data import query_run
from dashboards.layout import described_table, filled, metrics
from dashboards.panel import Panel
from dashboards.panels.knowledge import CALLED
from dashboards.style import show
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
    titles = ("Share expected by chance", "Share of a source's edges that stay within its class")
    _shown(
        beside_chance(tests, ("expected", "share"), "q", ["class"], titles),
        "A point per class; above the dashed line, edges stay within it more than exchanged targets give.",
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
    studies = query_run("class_contrasts")
    if not studies.is_empty():
        told = (
            "Another study's cells beside these, sources and targets alike: do edges stay within a class more in its "
            "own cells? own_cells and their_cells: share of the traced cells that are of the type."
        )
        described_table(studies, told, of=("class_contrast",), height=220)
    st.caption(
        f"{INTERVENED} All traced cells of a study count alike: only another study, of other cells, says anything of "
        "the cells of a class, and nothing here is said of a tissue."
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
    _disease_edges()
    studies = query_run("disease_consensus")
    if not studies.is_empty():
        described_table(
            studies,
            "Pairs of labels that another study joins as well: do both labels have one disease more often than other "
            "pairs of labels that as many features bear? Labels are the units; p_pairs and odds_alone, as published, "
            f"know of neither. {ASSOCIATED}",
            of=("disease_consensus",),
        )


def _shown(figure: go.Figure, text: str) -> None:
    """A figure that has a point; the table below says why there is none."""
    if figure.data:
        show(figure, text)


def _disease_edges() -> None:
    """Degrees of features with a disease, and edges between them."""
    degrees, circuits = query_run("disease_degrees"), query_run("disease_circuits")
    if degrees.is_empty():
        st.info("No traced feature has a significant disease: there is nothing to say of edges.")
        return
    _shown(
        beside_chance(degrees, ("expected", "mean_rank"), "q_matched", ["disease", "direction", "sae_id"], DEGREES),
        "A point per disease, autoencoder and direction; above the dashed line, features that list its genes have more "
        "edges than features like them.",
    )
    described_table(
        degrees,
        "Whether they have more edges than features of their layer that fire as often and list as many genes. "
        f"p_unmatched, as published, knows of neither. {ASSOCIATED}",
        of=("disease_test",),
        height=260,
    )
    _shown(
        beside_chance(circuits, ("expected_matched", "n_edges"), "q_matched", ["disease"], CIRCUITS),
        "A point per disease: edges from features that list its genes to features that do, beside the disease "
        "exchanged among targets like them.",
    )
    described_table(
        circuits,
        "Edges whose two ends have one disease, beside the disease exchanged among targets like them and beside "
        f"rewired edges. {INTERVENED} It says nothing of how the disease comes about.",
        of=("disease_circuit",),
        height=260,
    )


DEGREES = ("Mean rank expected by chance", "Mean rank of their number of edges")
CIRCUITS = ("Edges expected by chance", "Edges within the disease")
CLASSES = Panel("Classes of cells", ("class_enrichment",), classes, also=("class_circuit", "class_contrast"))
DISEASE = Panel(
    "Disease genes",
    ("disease_summary",),
    disease,
    also=("feature_disease", "disease_test", "disease_circuit", "disease_consensus"),
)
