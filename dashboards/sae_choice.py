"""Which layer the page Autoencoders compares."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.autoencoders import named
from dashboards.data import query_run
from dashboards.imported import NOT_PUBLISHED

LAYER = "compared_layer"  # key in the session
HOW = (
    "Several autoencoders of a layer are compared if the study says which, in section `compare`: "
    '`scfm run STUDY.toml --set compare.variants=["topk","gated"] --set compare.seeds=[0,1]`.'
)


def judged_saes() -> pl.DataFrame:
    """All autoencoders of the run that were judged on cells, with a name each."""
    return named(query_run("compare_saes")).filter(pl.col("l0").is_not_null())


def compared_saes() -> pl.DataFrame:
    """Those of the chosen layer."""
    return judged_saes().filter(pl.col("layer") == compared_layer())


def compared_layer() -> int:
    """The layer that the box says."""
    layer: int = st.session_state[LAYER]
    return layer


def choose_layer() -> bool:
    """Draw the box, at first with the layer that has most autoencoders; False if none was judged."""
    judged = judged_saes()
    if judged.is_empty():
        st.info(f"How many features are active at a position is {NOT_PUBLISHED}.")
        return False
    layers = judged["layer"].unique().sort().to_list()
    counts = judged.group_by("layer").len().sort("len", "layer", descending=[True, False])
    st.session_state[LAYER] = addressed_choice("Layer", "layer", layers, first=counts["layer"][0])
    if compared_saes().height == 1:
        st.caption(HOW)
    return True
