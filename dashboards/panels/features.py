"""Panels of all features: the table and the map of those that match, and those without annotation."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, addressed_toggle, touched
from dashboards.charts.features import MAP_COLOURS, feature_map
from dashboards.charts.modules import cluster_bars
from dashboards.data import imported_run, query_run
from dashboards.feature_search import N_ROWS, searched
from dashboards.imported import given
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column, link_to_feature
from dashboards.panel import Panel
from dashboards.people import SAID, with_labels
from dashboards.style import literal, noted, picture_config, show
from dashboards.tables import show_table
from dashboards.text import counted

CLUSTERED = {"weighted": "gene scores, against random lists", "published": "published: Jaccard of 0.15"}
KEYS = ("sae_id", "layer", "feature")
NEAR = "near points have similar directions"


def found_table() -> None:
    """What the search found, with links."""
    found = query_run("feature_search", n_rows=N_ROWS, **searched())
    if not filled(found, "No feature matches: widen the filters or shorten the search."):
        return
    n_matching = found["n_matching"][0]
    cut = f"; the first {N_ROWS} are shown, and *Take away* has all." if n_matching > N_ROWS else "."
    verb = "matches" if n_matching == 1 else "match"
    st.write(f"{counted(n_matching, 'feature', bold=True)} {verb}{cut}")
    first = ["page", *(["matched"] if searched()["search"] else []), "name", "evidence", "top_genes", "label"]
    then = ["top_cell_type", "top_cell_type_auroc", "frequency", "n_cells_active", "max_activation", "n_edges"]
    found = with_labels(found)
    first[-4:-4] = [SAID] if SAID in found.columns else []
    columns = [*first, *then, "tier", "module", "label_q", *KEYS]
    shown = found.with_columns(page=feature_address()).select(columns)
    show_table(shown, {"page": link_column("feature")}, of=("feature",), height=520)


def map_of_directions() -> None:
    """The map of one layer; a click offers the feature's page."""
    saes = query_run("layer_quality")
    sae_id = searched()["sae_id"] or saes["sae_id"][0]
    points = query_run("feature_map", sae_id=sae_id)
    if not filled(points, "No map was made for this layer."):
        return
    left, middle, right = st.columns([2, 3, 3], vertical_alignment="bottom")
    colours = [name for name in MAP_COLOURS if points[name].count()]
    colour = addressed_choice("Colour by", "colour", colours, lambda name: name.replace("_", " "), left.selectbox)
    if addressed_toggle("Only features that match the search", "matching", middle):
        points = matching(points, sae_id)
    layer = int(saes.filter(pl.col("sae_id") == sae_id)["layer"][0])
    if not filled(points, f"No feature of layer {layer} matches the search: choose another one under Layer."):
        return
    opened = right.container()  # above the picture: below it, the link would be out of sight
    figure = noted(literal(feature_map(points, colour)))
    config = picture_config(figure)
    event = st.plotly_chart(figure, on_select=touched, selection_mode="points", key="map", config=config)
    near = "the picture is the published one and shows modules alone" if imported_run() else NEAR
    st.caption(
        f"Each point is a living feature of layer {layer} (choose another one under Layer); {near}. "
        "The axes have no unit. Click a point: a link to its feature appears above the picture."
    )
    with opened:
        for point in event["selection"]["points"][:3]:
            link_to_feature(sae_id, layer, int(point["customdata"][0]))


def matching(points: pl.DataFrame, sae_id: str) -> pl.DataFrame:
    """Those of the points of one autoencoder whose features match what is searched, however many there are."""
    n_features = int(query_run("layer_quality").filter(sae_id=sae_id)["n_features"][0])
    found = query_run("feature_search", **(searched() | {"sae_id": sae_id, "n_rows": n_features}))
    return points.join(found.select("feature"), on="feature", maintain_order="left")


def unannotated() -> None:
    """Features without annotation, and their clusters by shared genes."""
    frame = query_run("novel_by_layer")
    rule = None
    if not imported_run():
        rules = [name for name in CLUSTERED if name in frame["rule"]]
        rule = addressed_choice("Rule", "rule", rules, CLUSTERED.__getitem__, st.radio, horizontal=True)
    left, right = st.columns([2, 3])
    with left:
        own = frame.filter(pl.col("rule").eq_missing(pl.lit(rule)))
        show(cluster_bars(own), "Features by annotation; few unannotated ones share enough genes to cluster.")
    clusters = query_run("novel_clusters").filter(pl.col("rule").eq_missing(pl.lit(rule)))
    if not clusters.is_empty():
        with right:
            caption = "Clusters by shared genes: members and the genes that several of them have."
            described_table(given(clusters.drop("rule")), caption, of=("novel_cluster",), height=400)
    show_table(given(own.drop("rule")), of=("novel_summary",))
    if own["expected_guilt"].count():
        st.caption("Guilt by association: in a module with annotated features, beside what chance would give.")


TABLE = Panel("Table", ("feature",), found_table, also=("feature_gene",))
MAP = Panel("Map", ("feature",), map_of_directions)
UNANNOTATED = Panel(
    "Without annotation",
    ("novel_summary",),
    unannotated,
    also=("novel_cluster", "novel_cluster_feature", "novel_cluster_gene"),
)
