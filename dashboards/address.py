"""One choice that a page's address names: a new address sets the box, and the box writes the address."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboards.text import markdown

LONGEST = 80  # characters of an unknown name that are shown


def addressed_choice(title: str, parameter: str, choices: Sequence[str], show: Callable[[str], str] = str) -> str:
    """One of ``choices`` (at least one), in a box that can be searched by typing; the first one without an address."""
    key, written = f"{parameter}_choice", f"{parameter}_written"
    asked = st.query_params.get(parameter, st.session_state.get(written, choices[0]))
    if asked != st.session_state.get(written) or st.session_state.get(key) not in choices:
        if asked not in choices:
            st.warning(f"This run has no {parameter} {markdown(asked[:LONGEST])}; showing the first one.")
            asked = choices[0]
        st.session_state[key] = asked
    chosen: str = st.selectbox(title, choices, key=key, format_func=show)
    st.session_state[written] = chosen
    st.query_params[parameter] = chosen
    return chosen
