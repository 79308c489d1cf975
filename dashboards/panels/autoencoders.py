"""Panels that hold autoencoders of a layer against each other."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, touched
from dashboards.charts.autoencoders import density_steps, overlap_map, trade_off
from dashboards.charts.layers import curves
from dashboards.data import query_run
from dashboards.layout import filled
from dashboards.panel import Panel
from dashboards.panels.training import SAE_METRICS, SPLITS
from dashboards.sae_choice import HOW, compared_layer, compared_saes, judged_saes
from dashboards.style import show
from dashboards.tables import show_table

FIGURES = {
    "fvu": ("Fraction of variance unexplained", "Lower left is better: more is rebuilt from fewer features."),
    "loss_recovered": ("Loss recovered", "Upper left is better: the model keeps more of its skill on fewer features."),
    "embedding_recovered": (
        "Cell embeddings kept",
        "Upper left is better: the model's embeddings of cells move less.",
    ),
    "dead_fraction": ("Dead fraction", "Lower is better: features that never fire on held-out cells are wasted."),
}
MOST_LINES = 8  # of a figure that stays readable
MARKS = "One symbol per width; a dark ring marks those whose features are described."


def names_of(saes: pl.DataFrame) -> dict[str, str]:
    """Names by ``sae_id``."""
    return dict(saes.select("sae_id", "name").iter_rows())


def trade_offs() -> None:
    """Quality against sparsity."""
    saes = compared_saes()
    column = addressed_choice("Quality", "quality", list(FIGURES), lambda name: FIGURES[name][0])
    title, reading = FIGURES[column]
    known = saes.filter(pl.col(column).is_not_null())
    if filled(known, f"{title} was not measured for this layer."):
        show(trade_off(known, column, title), f"{reading} On held-out cells. {MARKS}")
    show_table(saes.drop("name"), of=("sae",))


def overlap() -> None:
    """Which features the autoencoders share."""
    pairs = query_run("compare_overlap", layer=compared_layer())
    if not filled(pairs, "Nothing was compared with this layer's autoencoder. " + HOW):
        return
    text = (
        "Share of the living features of one autoencoder whose direction another one has as well (cosine of at least "
        "0.7). Between seeds, it tells how much of a dictionary is a matter of luck."
    )
    show(overlap_map(pairs, names_of(compared_saes())), text)
    show_table(pairs, of=("sae_overlap",))


def some_of(saes: pl.DataFrame, key: str) -> pl.DataFrame:
    """Those that a figure of lines shows: all, or of many the chosen ones."""
    if saes.height <= MOST_LINES:
        return saes
    names = names_of(saes)
    first = saes.sort(pl.col("described"), pl.col("seed"), descending=[True, False], maintain_order=True)["sae_id"]
    spread = first.gather_every(-(-saes.height // MOST_LINES)).to_list()
    chosen = st.multiselect(
        "Autoencoders", list(names), spread, format_func=names.__getitem__, key=key, on_change=touched
    )
    return saes.filter(pl.col("sae_id").is_in(chosen))


def densities() -> None:
    """How often their features fire."""
    rows = query_run("compare_densities", layer=compared_layer())
    if not filled(rows, "How often features fire was not measured."):
        return
    shown = some_of(compared_saes(), "densities")
    text = "On held-out cells. Far to the right, features fire nearly everywhere and say little about a gene or a cell."
    kept = rows.filter(pl.col("sae_id").is_in(shown["sae_id"].to_list()))
    show(density_steps(kept, names_of(shown)), text)


def training() -> None:
    """How they trained, step by step."""
    points = query_run("compare_curves", layer=compared_layer())
    if not filled(points, "No training curve was recorded."):
        return
    metric = addressed_choice("Metric", "metric", list(SAE_METRICS), SAE_METRICS.__getitem__)
    shown = points.filter((pl.col("metric") == metric) & (pl.col("split") == "heldout"))
    named_ones = some_of(compared_saes(), "training").select("sae_id", "name")
    figure = curves(shown.join(named_ones, on="sae_id", maintain_order="left"), SAE_METRICS[metric])
    show(figure, f"On a sample of {SPLITS['heldout']} cells, one line per autoencoder.")


def all_layers() -> None:
    """Autoencoders of every layer."""
    text = f"Autoencoders of every layer, on held-out cells. {MARKS}"
    show(trade_off(judged_saes(), "fvu", FIGURES["fvu"][0], joined=False), text, key="all-layers")


TRADE_OFFS = Panel("Quality and sparsity", ("sae",), trade_offs)
OVERLAP = Panel("Shared features", ("sae_overlap",), overlap)
DENSITIES = Panel("Densities", ("sae_density",), densities)
TRAINING = Panel("Training", ("sae_metric",), training)
ALL_LAYERS = Panel("All layers", ("sae",), all_layers)
