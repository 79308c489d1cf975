"""Features: search and filter them, or walk over their map."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.data import imported_run, query_run
from dashboards.feature_charts import MAP_COLOURS, feature_map
from dashboards.frame import run_page
from dashboards.links import feature_address, link_column, link_to_feature
from dashboards.tables import show_table

N_ROWS = 500  # rows that a table shows at most
TIERS = ["normal", "rare", "dense", "dead"]
NEAR = "near points have similar directions"
SORTS = {
    "firing frequency": "frequency",
    "largest activation": "max_activation",
    "annotation (q)": "label_q",
    "cell-type AUROC": "top_cell_type_auroc",
    "outgoing edges": "n_edges",
}


def choose_layer(saes: pl.DataFrame) -> str | None:
    """The autoencoder to search in, or None for all."""
    names = {row["sae_id"]: f"Layer {row['layer']} · {row['sae_id']}" for row in saes.iter_rows(named=True)}
    choice: str | None = st.selectbox("Layer", [None, *names], format_func=lambda sae: names.get(sae, "All layers"))
    return choice


def filters() -> dict[str, Any]:
    """Search text and filters as the parameters of the search."""
    first, second = st.columns([3, 2]), st.columns(6)
    with first[0]:
        search = st.text_input(
            "Search", key="search", placeholder="gene, gene-set term, label or cell type: CD79A, ribosome, B cell"
        )
    with first[1]:
        sae_id = choose_layer(query_run("layer_quality"))
    choices = query_run("feature_choices", sae_id=sae_id).row(0, named=True)
    anything = "any"
    tier = second[0].selectbox(
        "Tier", [anything, *TIERS], help="dead: never fires; rare: few firings; dense: over a tenth of positions"
    )
    frequency = second[1].number_input("Least frequency", 0.0, 1.0, 0.0, 0.001, format="%.4f")
    cell_type = second[2].selectbox("Cell type", [anything, *choices["cell_types"]])
    module = second[3].selectbox("Module", [anything, *choices["modules"]], help="Features that fire together")
    annotated = second[4].toggle("Annotated only")
    alive = second[4].toggle("Alive only", value=True)
    sort = second[5].selectbox("Sort by", list(SORTS))
    return {
        "search": search.strip() or None,
        "sae_id": sae_id,
        "tier": None if tier == anything else tier,
        "min_frequency": frequency,
        "cell_type": None if cell_type == anything else cell_type,
        "module": None if module == anything else module,
        "annotated_only": annotated,
        "alive_only": alive and tier != "dead",
        "sort": SORTS[sort],
    }


def result_table(found: pl.DataFrame) -> None:
    """What the search found, with links."""
    if found.is_empty():
        st.info("No feature matches: widen the filters or shorten the search.")
        return
    n_matching = found["n_matching"][0]
    st.write(
        f"**{n_matching:,}** features match" + (f"; the first {N_ROWS} are shown." if n_matching > N_ROWS else ".")
    )
    columns = ["page", "top_genes", "label", "top_cell_type", "top_cell_type_auroc", "frequency", "n_cells_active"]
    shown = found.with_columns(page=feature_address()).select(
        *columns, "max_activation", "n_edges", "tier", "module", "label_q"
    )
    show_table(shown, {"page": link_column("feature")}, height=520)


def map_of(sae_id: str, found: pl.DataFrame) -> None:
    """The map of one layer; a click offers the feature's page."""
    points = query_run("feature_map", sae_id=sae_id)
    if points.is_empty():
        st.info("No map was made for this layer.")
        return
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    colours = [name for name in MAP_COLOURS if points[name].count()]
    colour = left.selectbox("Colour by", colours, format_func=lambda name: name.replace("_", " "))
    if right.toggle("Only features that match the search", value=False):
        points = points.join(found.filter(pl.col("sae_id") == sae_id).select("feature"), on="feature")
    layer = int(query_run("layer_quality").filter(pl.col("sae_id") == sae_id)["layer"][0])
    event = st.plotly_chart(feature_map(points, colour), on_select="rerun", selection_mode="points", key="map")
    near = "the picture is the published one and shows modules alone" if imported_run() else NEAR
    st.caption(
        f"Each point is a living feature of layer {layer}; {near}. "
        "The axes have no unit. Click a point to open its feature."
    )
    for point in event["selection"]["points"][:3]:
        link_to_feature(sae_id, layer, int(point["customdata"][0]))


def main() -> None:
    """The whole page."""
    st.title("Features")
    st.caption(
        "A feature is a direction in the model's activity that an autoencoder learned. It fires on some genes in some "
        "cells; the genes on which it fires most tell what it may stand for."
    )
    if query_run("layer_quality").is_empty():
        st.info("This run has no autoencoder, so it has no features.")
    else:
        asked = filters()
        results = query_run("feature_search", n_rows=N_ROWS, **asked)
        table, plot = st.tabs(["Table", "Map"])
        with table:
            result_table(results)
        with plot:
            map_of(asked["sae_id"] or query_run("layer_quality")["sae_id"][0], results)


run_page(main)
