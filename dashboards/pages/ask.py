"""Ask the warehouse: worked questions with their queries and answers, on runs made here and on imported atlases."""

import re
import time

import streamlit as st

from dashboards.data import answer
from dashboards.page import Page, run_page
from dashboards.tables import show_table
from warehouse.contracts.contract import contracts
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
        show_table(frame, of=tables_of(example.sql), height="content" if frame.height <= 12 else 460)
        st.caption(f"{frame.height:,} rows, {1000 * seconds:,.0f} ms, from the newest run of this kind.")
    with st.expander("The query", expanded=True):
        st.code(example.sql, language="sql")
    st.caption("Copy it to the page SQL to change it, or keep it in a file and run: scfm sql - < FILE.sql")


def tables_of(sql: str) -> tuple[str, ...]:
    """The tables that a query names, whose contracts say what its columns hold."""
    words = re.findall(r"\w+", sql)
    return tuple(table for table in dict.fromkeys(words) if table in contracts())


def head() -> bool:
    """The questions, and the answer to the chosen one."""
    left, right = st.columns([2, 5], gap="large")
    with left:
        chosen = choose()
    with right:
        show_answer(chosen)
    return True


PAGE = Page(
    name="ask",
    title="Ask the warehouse",
    icon="help",
    shows="worked questions with their queries and answers, on runs made here and on imported atlases",
    intro="Questions that people ask, with the SQL that answers them. Choose one; every answer is computed now.",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
