"""How good the autoencoders of a run are, layer by layer."""

import polars as pl
import streamlit as st

from dashboards.charts.layers import layer_bars
from dashboards.data import imported_run, query_run
from dashboards.imported import NOT_PUBLISHED, PUBLISHED
from dashboards.style import BLUE, GREEN, ORANGE, show

QUALITY = {
    "variance_explained": (
        "Variance explained",
        BLUE,
        "Share of the activations' variance that the autoencoder rebuilds, {where}. Higher is better.",
    ),
    "loss_recovered": (
        "Loss recovered",
        GREEN,
        "Share of the model's masked-gene performance kept when the rebuilt layer takes the layer's place.",
    ),
    "embedding_recovered": (
        "Cell embeddings kept",
        GREEN,
        "How little the model's embeddings of cells move then: 1 not at all, 0 as far as with the layer's mean.",
    ),
    "dead_fraction": ("Dead fraction", ORANGE, "Share of features that never fire {where}. Lower is better."),
}


def quality() -> None:
    """Autoencoder quality, layer by layer."""
    layers = query_run("layer_quality")
    if layers.is_empty():
        st.info("This run trained no autoencoder.")
        return
    where = "on held-out cells"
    if imported_run():
        where = "on the cells it was trained on"
        st.caption(f"Variance explained is {PUBLISHED}: {where}, not on held-out ones.")
        st.info(f"Loss recovered is {NOT_PUBLISHED}.")
    elif not measured(layers, "loss_recovered"):
        st.info("The model predicts nothing here, or ablating a layer does it no harm: there is no loss to recover.")
    figures = [column for column in QUALITY if measured(layers, column)]
    for row in (figures[:2], figures[2:]) if len(figures) > 3 else (figures,):
        for place, column in zip(st.columns(len(row)), row, strict=True):
            name, colour, text = QUALITY[column]
            with place:
                show(layer_bars(layers, column, name, colour), text.format(where=where))


def measured(layers: pl.DataFrame, column: str) -> bool:
    """Whether any autoencoder has the figure."""
    return layers[column].null_count() < layers.height
