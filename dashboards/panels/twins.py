"""Panels of a feature elsewhere: in autoencoders of other seeds, kinds and widths, and in other runs."""

from urllib.parse import quote

import polars as pl
import streamlit as st

from dashboards.data import query_run
from dashboards.feature_choice import chosen_feature
from dashboards.layout import described_table, filled
from dashboards.panel import Panel
from dashboards.tables import show_table

TWINS = (
    "The feature with the nearest direction in each other autoencoder of the layer. Chance: the nearest of as many "
    "random directions. Mutual: each of the two is the other's nearest. A feature that other seeds have as well was "
    "learned from the data; one that they lack may be an accident of its seed."
)


def twins() -> None:
    """Its nearest direction in every autoencoder that was trained to compare with."""
    sae_id, feature = chosen_feature()
    found = query_run("feature_twins", sae_id=sae_id, feature=feature)
    if filled(found, "The feature does not fire on held-out cells, so it was looked for in no other autoencoder."):
        described_table(found, TWINS, of=("feature_twin", "sae"), height=330)


def runs() -> None:
    """What other runs of the same trained autoencoder say of the feature."""
    sae_id, feature = chosen_feature()
    found = query_run("feature_runs", sae_id=sae_id, feature=feature)
    if found.is_empty():
        st.info("No other run of this warehouse has this trained autoencoder.")
        return
    query = f"&sae={quote(sae_id)}&feature={feature}"
    pages = pl.Series([f"feature?run={quote(run)}{query}" for run in found["run_id"]], dtype=pl.String)
    link = st.column_config.LinkColumn("open", display_text="open", help="Opens this feature in that run")
    show_table(found.select(pages.alias("page"), pl.all()), {"page": link}, of=("feature", "run"))


IN_OTHERS = Panel("In other seeds and kinds", ("feature_twin",), twins)
IN_RUNS = Panel("In other runs", ("sae_metric", "feature"), runs)  # of imported ones no weights are known
