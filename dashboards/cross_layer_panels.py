"""Tabs of the atlas page about features of different layers: links by co-activation, directions that last."""

import polars as pl
import streamlit as st

from dashboards.atlas_charts import highway_bars, persistence_lines
from dashboards.data import query_run
from dashboards.imported import NOT_PUBLISHED, given
from dashboards.links import feature_address, link_column
from dashboards.style import show
from dashboards.tables import show_table

N_LINKS = 300


def flow() -> None:
    """Highways by pair of layers, and the strongest links."""
    pairs = query_run("atlas_highways")
    if pairs.is_empty():
        st.info(f"Links between layers are {NOT_PUBLISHED}.")
        return
    left, right = st.columns([2, 3])
    with left:
        text = (
            "Features of the earlier layer: living, with any link, with a highway (mutual information above 3). With "
            "no least number of joint firings nearly every feature has one: chance joins rare features strongly."
        )
        show(highway_bars(pairs), text)
    with right:
        show_table(given(pairs))
        links = query_run("atlas_links", sae_id=None, feature=None, n_rows=N_LINKS)
        ends = {end: link_column(end) for end in ("source", "target")}
        shown = links.with_columns(source=feature_address("source_"), target=feature_address("target_"))
        columns = ("source", "source_genes", "target", "target_genes", "pmi", "target_label")
        show_table(shown.select(columns), ends, height=320)
        st.caption(
            f"The strongest {links.height} links (bit): features that fire at the same positions, no causal effect."
        )


def persistence() -> None:
    """Directions found again in the next layer and in later ones."""
    rows = query_run("atlas_persistence")
    if rows.is_empty():
        st.info(f"Persistence of directions is {NOT_PUBLISHED}.")
        return
    left, right = st.columns([3, 2])
    with left:
        bound = rows["match_threshold"][0]
        text = (
            f"Features with a direction of cosine {bound:g} or more in the other layer. Layers of a transformer write "
            "in one space but turn it; a low number is no proof that a meaning is gone."
        )
        show(persistence_lines(rows), text)
    with right:
        lives = query_run("atlas_lifecycle")
        show_table(lives)
        st.caption("Features of the first layer by how many layers their direction lasts.")
        show_table(given(rows.filter(pl.col("kind") == "adjacent").drop("kind", "^.*threshold$")), height=300)
