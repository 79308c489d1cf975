"""Panels of all features: the table and the map of those that match, and those without annotation."""

import polars as pl
import streamlit as st

from dashboards.charts.features import MAP_COLOURS, feature_map
from dashboards.charts.modules import cluster_bars
from dashboards.data import imported_run, query_run
from dashboards.feature_search import N_ROWS, searched
from dashboards.imported import given
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column, link_to_feature
from dashboards.panel import Panel
from dashboards.style import literal, show
from dashboards.tables import show_table

CLUSTERED = {"weighted": "gene scores, against random lists", "published": "published: Jaccard of 0.15"}
NEAR = "near points have similar directions"


def found_table() -> None:
    """What the search found, with links."""
    found = query_run("feature_search", n_rows=N_ROWS, **searched())
    if not filled(found, "No feature matches: widen the filters or shorten the search."):
        return
    n_matching = found["n_matching"][0]
    st.write(
        f"**{n_matching:,}** features match" + (f"; the first {N_ROWS} are shown." if n_matching > N_ROWS else ".")
    )
    columns = ["page", "name", "evidence", "top_genes", "label", "top_cell_type", "top_cell_type_auroc"]
    shown = found.with_columns(page=feature_address()).select(
        *columns, "frequency", "n_cells_active", "max_activation", "n_edges", "tier", "module", "label_q"
    )
    show_table(shown, {"page": link_column("feature")}, of=("feature",), height=520)


def map_of_directions() -> None:
    """The map of one layer; a click offers the feature's page."""
    saes = query_run("layer_quality")
    sae_id = searched()["sae_id"] or saes["sae_id"][0]
    points = query_run("feature_map", sae_id=sae_id)
    if not filled(points, "No map was made for this layer."):
        return
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    colours = [name for name in MAP_COLOURS if points[name].count()]
    colour = left.selectbox("Colour by", colours, format_func=lambda name: name.replace("_", " "))
    if right.toggle("Only features that match the search", value=False):
        found = query_run("feature_search", n_rows=N_ROWS, **searched())
        points = points.join(found.filter(pl.col("sae_id") == sae_id).select("feature"), on="feature")
    layer = int(saes.filter(pl.col("sae_id") == sae_id)["layer"][0])
    figure = literal(feature_map(points, colour))
    event = st.plotly_chart(figure, on_select="rerun", selection_mode="points", key="map")
    near = "the picture is the published one and shows modules alone" if imported_run() else NEAR
    st.caption(
        f"Each point is a living feature of layer {layer}; {near}. "
        "The axes have no unit. Click a point to open its feature."
    )
    for point in event["selection"]["points"][:3]:
        link_to_feature(sae_id, layer, int(point["customdata"][0]))


def unannotated() -> None:
    """Features without annotation, and their clusters by shared genes."""
    frame = query_run("novel_by_layer")
    rule = None
    if not imported_run():
        rules = [name for name in CLUSTERED if name in frame["rule"]]
        rule = st.radio("Rule", rules, format_func=CLUSTERED.__getitem__, horizontal=True)
    left, right = st.columns([2, 3])
    with left:
        own = frame.filter(pl.col("rule").eq_missing(pl.lit(rule)))
        show(cluster_bars(own), "Features by annotation; few unannotated ones share enough genes to cluster.")
        show_table(given(own.drop("rule")), of=("novel_summary",))
        if own["expected_guilt"].count():
            st.caption("Guilt by association: in a module with annotated features, beside what chance would give.")
    clusters = query_run("novel_clusters").filter(pl.col("rule").eq_missing(pl.lit(rule)))
    if not clusters.is_empty():
        with right:
            caption = "Clusters by shared genes: members and the genes that several of them have."
            described_table(given(clusters.drop("rule")), caption, of=("novel_cluster",), height=460)


TABLE = Panel("Table", ("feature",), found_table, also=("feature_gene",))
MAP = Panel("Map", ("feature",), map_of_directions)
UNANNOTATED = Panel(
    "Without annotation",
    ("novel_summary",),
    unannotated,
    also=("novel_cluster", "novel_cluster_feature", "novel_cluster_gene"),
)
