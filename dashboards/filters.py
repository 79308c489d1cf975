"""Choices that several pages offer."""

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

RULES = {"calibrated": "calibrated rule", "published": "published rule", "measured": "every measured pair"}


def layer_choice(traced: pl.DataFrame, end: str, title: str) -> str | None:
    """One of the ``end`` (source or target) autoencoders of query ``traced_saes``, or None for all."""
    ends = traced.select(f"{end}_sae", f"{end}_layer").unique().sort(f"{end}_layer", f"{end}_sae")
    names = {sae: f"Layer {layer} · {sae}" for sae, layer in ends.iter_rows()}
    choice: str | None = st.selectbox(title, [None, *names], format_func=lambda sae: names.get(sae, "all layers"))
    return choice


def effect_choice(traced: pl.DataFrame, place: DeltaGenerator) -> str:
    """One of the kinds of effect of query ``traced_saes``."""
    kinds = traced["effect"].unique(maintain_order=True).to_list()
    text = "total: all later layers computed again; direct: only the positions where the source is active"
    return str(place.selectbox("Effect", kinds, help=text))
