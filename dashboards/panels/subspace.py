"""Panel of features beside principal axes: variance at equal budgets, shares of directions, the nearest features."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.subspace import EQUAL, PUBLISHED, share_bars, variance_bars
from dashboards.data import imported_run, query_run
from dashboards.imported import given
from dashboards.layout import described_table, figure_beside_table
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.style import show


def against_axes() -> None:
    """Autoencoders beside singular vectors or principal axes, and directions of features beside them."""
    frame = query_run("singular_vectors")
    if imported_run():
        published(frame)
    else:
        equal_budgets(frame)
        if has_rows("subspace_histogram"):
            shares(frame["layer"].to_list())
    over_all_layers()


def published(frame: pl.DataFrame) -> None:
    """The published comparison, with what it leaves open."""
    text = (
        "Variance rebuilt by the autoencoder and held by the first fifty singular vectors. "
        "Thousands of directions are set against fifty: the ratio is no measure of quality."
    )
    caption = "Aligned: the direction of the feature is near that of a singular vector."
    figure = variance_bars(frame, PUBLISHED)
    figure_beside_table(figure, text, given(frame), caption, of=("svd_layer",), height=280)


def over_all_layers() -> None:
    """Features near an axis beside the others, over all layers."""
    frame = query_run("aligned_summary")
    if not frame.is_empty():
        caption = (
            "Over all layers. Novel is the published word for features that are not aligned, whatever they are. "
            "Annotations are those of the published files in an imported run, and by the default rule in others."
        )
        described_table(frame, caption, of=("svd_summary",))


def equal_budgets(frame: pl.DataFrame) -> None:
    """What the autoencoder, axes and neurons rebuild of held-out cells from the same number of values a position."""
    text = (
        "Share of the held-out variance that is rebuilt from as many numbers at a position as features are active "
        "there. Which of them are used is chosen anew at each position, but for the first axes. At equal parameters, "
        "all axes are paid for, and they rebuild everything."
    )
    caption = (
        "Aligned: near one of the first fifty axes (the published rule). Significant: more of the direction lies in "
        "the tested axes than of one drawn evenly; n matched: the same of random directions that follow the covariance."
    )
    figure_beside_table(variance_bars(frame, EQUAL), text, given(frame), caption, of=("svd_layer",), height=280)


def shares(layers: list[int]) -> None:
    """Shares of one layer's directions beside their null, and the features nearest to its axes."""
    left, right = st.columns(2)
    layer = addressed_choice("Layer", "layer", layers, place=left.selectbox)
    every = query_run("subspace_shares", layer=layer)
    if every.is_empty():
        st.info("As many axes as are tested hold every direction of this layer.")
        return
    rank = addressed_choice("First axes", "axes", every["rank"].unique().sort().to_list(), place=right.selectbox)
    text = (
        "Blue right of the grey line: features know more of the axes than a random direction does. Blue left of the "
        "orange line: they know less than directions drawn by the layer's covariance alone."
    )
    show(share_bars(every.filter(pl.col("rank") == rank), rank), text)
    nearest = query_run("subspace_axes", layer=layer).with_columns(page=feature_address())
    columns = ("axis", "variance_train", "variance_heldout", "page", "best_cosine", "top_genes")
    caption = "The first axes, and the feature whose direction is nearest to each."
    links = {"page": link_column("feature")}
    described_table(nearest.select(columns), caption, of=("svd_axis",), links=links, height=320)
    caption = "Annotation by direction. Where features of a kind are few, compare numbers, not only shares."
    described_table(query_run("subspace_annotation"), caption, of=("feature_subspace",), height=240)


AGAINST_PCA = Panel(
    "Against PCA",
    ("svd_layer",),
    against_axes,
    also=("svd_summary", "feature_subspace", "svd_axis", "subspace_histogram"),
)
