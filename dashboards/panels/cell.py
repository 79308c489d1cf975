"""Panels of one cell: its genes, the features that are most active in it, its place on the map, its obs columns."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.contexts import cells_by_type
from dashboards.data import query_run
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, feature_name, link_column
from dashboards.panel import Panel
from dashboards.strips import scale_html, strip_html, strips_html
from dashboards.style import show

CHOSEN = "cell_chosen"  # key in the session
PER_LAYER = 20  # features listed of each autoencoder


def _features() -> pl.DataFrame:
    return query_run("cell_features", cell=st.session_state[CHOSEN], n_rows=PER_LAYER)


def genes() -> None:
    """The cell's genes, in the colours of one of its features."""
    cell, found = st.session_state[CHOSEN], _features().filter("whole").sort("rank", maintain_order=True)
    names = {
        (row["sae_id"], row["feature"]): f"{feature_name(row['layer'], row['feature'])} {row['name'] or 'unnamed'}"
        for row in found.iter_rows(named=True)
    }
    sae_id, feature = next(iter(names), ("", 0))
    if names:
        left, _ = st.columns([2, 1])
        with left:
            sae_id, feature = addressed_choice("Coloured by", "by", list(names), names.__getitem__)
    strip = query_run("cell_genes", cell=cell, sae_id=sae_id, feature=feature)
    if not filled(strip, "The genes of this cell are not kept: contexts.token_cells says of how many they are."):
        return
    highest = strip["activation"].max()
    top = float(highest) if isinstance(highest, float) else 0.0
    st.html(strips_html([*([scale_html(top)] if names else []), strip_html(strip, top, strip.height, whole=True)]))
    st.caption(
        "The genes that the model reads, in its order, one box each; the pointer on a box says which gene it is. Pale "
        "boxes are special tokens and genes at which no activation was kept. "
        + ("The colour is the activation of the chosen feature." if names else "No firings are kept of this cell.")
    )


def features() -> None:
    """Features that count the cell among their strongest, layer by layer."""
    found = _features()
    if filled(found, "No feature counts this cell among its strongest ones."):
        shown = found.with_columns(page=feature_address()).select(
            "page", "name", "rank", "n_active", "maximum", "mean", "n_firings", "top_genes", "top_cell_type"
        )
        caption = (
            "Features that count this cell among their strongest: rank is its place among the active cells, all in "
            f"which the feature fires. At most {PER_LAYER} of each layer are listed. Features with other strongest "
            "cells are not, however active they are here."
        )
        links = {"page": link_column("feature")}
        described_table(shown, caption, of=("feature_cell", "feature"), links=links, height=420)


def place() -> None:
    """The map of all cells, this one ringed."""
    cell, cells = st.session_state[CHOSEN], query_run("cell_places")
    there = cell in cells["cell_id"]
    text = (
        "Cells lie near each other where the model's states of them are alike: UMAP of each cell's mean output of "
        f"layer {cells['layer'][0]}. Distances between far groups say little. "
        + ("The ring is this cell." if there else "This cell is not on the map, which holds some of the cells.")
    )
    show(cells_by_type(cells, cell), text)


def columns() -> None:
    """What the obs columns say."""
    found = query_run("cell_columns", cell=st.session_state[CHOSEN])
    if filled(found, "The obs columns say nothing of this cell."):
        described_table(found, "What the input file says of the cell, in the obs columns that the study names.")


GENES = Panel("Genes", ("cell_token",), genes, also=("feature_context",))
FEATURES = Panel("Features", ("feature_cell",), features)
PLACE = Panel("On the map of cells", ("cell_map",), place)
COLUMNS = Panel("Obs columns", ("cell_obs",), columns)
