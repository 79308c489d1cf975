"""Which feature its page shows: the one in the address, until the boxes choose another; at first a telling one."""

import polars as pl
import streamlit as st

from dashboards.address import asked, follow, keep, touched
from dashboards.data import query_run
from dashboards.text import markdown

SAE, NUMBER, SHOWN = "feature_sae", "feature_number", "feature_shown"  # keys in the session
LONGEST = 12  # digits of a number that is worth reading: Python refuses to read one of 5,000


def chosen_feature() -> tuple[str, int]:
    """Autoencoder and feature that the page Feature shows."""
    shown: tuple[str, int] = st.session_state[SHOWN]
    return shown


def choose_feature(saes: pl.DataFrame) -> tuple[str, int]:
    """Autoencoder and feature. A new address sets the boxes, and the boxes write the address."""
    sizes = dict(saes.select("sae_id", "n_features").iter_rows())
    names = {sae_id: f"Layer {layer} · {sae_id}" for sae_id, layer in saes.select("sae_id", "layer").iter_rows()}
    _follow_address(sizes)
    left, right, _ = st.columns([3, 1, 2])
    sae_id: str = left.selectbox("Autoencoder", list(sizes), key=SAE, format_func=names.__getitem__, on_change=touched)
    st.session_state[NUMBER] = min(st.session_state[NUMBER], sizes[sae_id] - 1)
    feature = int(right.number_input("Feature", 0, sizes[sae_id] - 1, key=NUMBER, on_change=touched))
    st.session_state[SHOWN] = (sae_id, feature)
    keep("sae", sae_id)
    keep("feature", str(feature))
    return sae_id, feature


def _follow_address(sizes: dict[str, int]) -> None:
    """Set the boxes from the address. Of an autoencoder of another run the number is dropped, with a warning."""
    sae_id = asked("sae")
    if sae_id is not None and sae_id not in sizes:
        st.warning(f"No autoencoder {markdown(sae_id)} in this run; showing a telling feature of this run instead.")
        st.session_state[SAE], st.session_state[NUMBER] = _telling(sizes)
        return
    if st.session_state.get(SAE) not in sizes:
        st.session_state.pop(SAE, None)
    named = sae_id is not None or asked("feature") is not None
    first, number = (next(iter(sizes)), 0) if named else _telling(sizes)
    follow("sae", SAE, first, str)
    follow("feature", NUMBER, number, lambda word: _number(word, st.session_state[SAE], sizes))


def _telling(sizes: dict[str, int]) -> tuple[str, int]:
    """The feature to open on."""
    found = query_run("telling_feature")
    return (next(iter(sizes)), 0) if found.is_empty() else (found["sae_id"][0], int(found["feature"][0]))


def _number(word: str, sae_id: str, sizes: dict[str, int]) -> int:
    """The number of a feature of the autoencoder. Raises ValueError with the line to show."""
    if not word.isdecimal() or len(word) > LONGEST or int(word) >= sizes[sae_id]:
        shown = word if len(word) <= LONGEST else f"{word[:LONGEST]}…"
        last = sizes[sae_id] - 1
        raise ValueError(f"No feature {markdown(shown)} in {markdown(sae_id)}: it has features 0 to {last}.")
    return int(word)
