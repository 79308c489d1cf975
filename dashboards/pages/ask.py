"""Ask the warehouse: worked questions with their queries and answers, on runs made here and on imported atlases."""

import time

import streamlit as st

from dashboards.data import answer
from dashboards.frame import run_page
from dashboards.tables import show_table
from warehouse.examples import Example, examples

GROUPS = {"Runs made here": False, "Published atlas": True}
NOTHING = {
    False: "No run made here has rows that answer this: run a study, for one `make demo`.",
    True: "No imported atlas has rows that answer this: `scfm import-atlas PATH` imports one.",
}


def choose() -> Example:
    """One of the questions of a group."""
    group = st.segmented_control("About", list(GROUPS), default=next(iter(GROUPS)), required=True)
    offered = [example for example in examples() if example.of_atlas == GROUPS[str(group)]]
    return st.radio("Question", offered, format_func=lambda example: example.title, key=f"question_{group}")


def show_answer(example: Example) -> None:
    """The answer as a table, the time it took, and the query behind it."""
    started = time.monotonic()
    frame = answer(example.name)
    seconds = time.monotonic() - started
    st.subheader(example.title)
    if frame.is_empty():
        st.info(NOTHING[example.of_atlas])
    else:
        show_table(frame, height="content" if frame.height <= 12 else 460)
        st.caption(f"{frame.height:,} rows, {1000 * seconds:,.0f} ms, from the newest run of this kind.")
    with st.expander("The query", expanded=True):
        st.code(example.sql, language="sql")
    st.caption("Copy it to the page SQL to change it, or keep it in a file and run: scfm sql - < FILE.sql")


def main() -> None:
    """The whole page."""
    st.title("Ask the warehouse")
    st.caption("Questions that people ask, with the SQL that answers them. Choose one; every answer is computed now.")
    left, right = st.columns([2, 5], gap="large")
    with left:
        chosen = choose()
    with right:
        show_answer(chosen)


run_page(main)
