"""Every page is shown inside the app: with its menu, its chosen run and its handling of errors."""

import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

APP = Path(__file__).parent / "app.py"
INSIDE = "inside_app"


@contextmanager
def inside_app() -> Iterator[None]:
    """Mark that the app is showing a page."""
    st.session_state[INSIDE] = True
    try:
        yield
    finally:
        del st.session_state[INSIDE]


def run_inside(render: Callable[[], None]) -> None:
    """Show a page; outside the app, start the app instead, which comes back here.

    Until ``st.navigation`` has been called once in a server's life, Streamlit runs the files of a folder named
    ``pages`` on their own: a deep link would be the first thing to meet that.
    """
    if INSIDE in st.session_state:
        render()
    else:
        runpy.run_path(str(APP), run_name="__main__")
