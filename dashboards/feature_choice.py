"""Which feature the feature page shows: the one in the address, until the boxes choose another."""

import polars as pl
import streamlit as st

from dashboards.links import feature_query
from dashboards.text import markdown

SAE, NUMBER, SHOWN = "feature_sae", "feature_number", "feature_shown"  # keys in the session
LONGEST = 12  # digits of a number that is worth reading: Python refuses to read one of 5,000


def chosen_feature() -> tuple[str, int]:
    """Autoencoder and feature that the page Feature shows."""
    sae_id, number = st.session_state[SHOWN]
    return sae_id, int(number)


def choose_feature(saes: pl.DataFrame) -> tuple[str, int]:
    """Autoencoder and feature. A new address sets the boxes, and the boxes write the address."""
    sizes = dict(saes.select("sae_id", "n_features").iter_rows())
    names = {sae_id: f"Layer {layer} · {sae_id}" for sae_id, layer in saes.select("sae_id", "layer").iter_rows()}
    _follow_address(sizes)
    left, right, _ = st.columns([3, 1, 2])
    sae_id: str = left.selectbox("Autoencoder", list(sizes), key=SAE, format_func=names.__getitem__)
    st.session_state[NUMBER] = min(st.session_state[NUMBER], sizes[sae_id] - 1)
    feature = int(right.number_input("Feature", 0, sizes[sae_id] - 1, key=NUMBER))
    st.session_state[SHOWN] = (sae_id, str(feature))
    st.query_params.update(feature_query(sae_id, feature))
    return sae_id, feature


def _follow_address(sizes: dict[str, int]) -> None:
    """Set the boxes if the address is not the one that they wrote; without one, keep what was shown last."""
    last = st.session_state.get(SHOWN, (next(iter(sizes)), "0"))
    asked = (st.query_params.get("sae", last[0]), st.query_params.get("feature", last[1]))
    if asked == st.session_state.get(SHOWN) and SAE in st.session_state:
        return
    sae_id, number = asked
    if sae_id not in sizes:
        st.warning(f"No autoencoder {markdown(sae_id)} in this run; showing the first one.")
        sae_id = next(iter(sizes))
    if not number.isdecimal() or len(number) > LONGEST or int(number) >= sizes[sae_id]:
        shown = number if len(number) <= LONGEST else f"{number[:LONGEST]}…"
        st.warning(f"No feature {markdown(shown)} in {markdown(sae_id)}: it has features 0 to {sizes[sae_id] - 1}.")
        number = "0"
    st.session_state[SAE], st.session_state[NUMBER] = sae_id, int(number)
