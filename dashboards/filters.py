"""Choices that several pages offer."""

import polars as pl
import streamlit as st


def layer_choice(traced: pl.DataFrame, end: str, title: str) -> str | None:
    """One of the ``end`` (source or target) autoencoders of query ``traced_saes``, or None for all."""
    ends = traced.select(f"{end}_sae", f"{end}_layer").unique().sort(f"{end}_layer", f"{end}_sae")
    names = {sae: f"Layer {layer} · {sae}" for sae, layer in ends.iter_rows()}
    choice: str | None = st.selectbox(title, [None, *names], format_func=lambda sae: names.get(sae, "all layers"))
    return choice
