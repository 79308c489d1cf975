"""Ask the warehouse: worked questions with their queries and answers, on runs made here and on imported atlases."""

import re

import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import answer, imported_run
from dashboards.links import link_to_editor
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
    """One of the questions of a group, at first of those about runs like the chosen one."""
    own = next(group for group, of_atlas in GROUPS.items() if of_atlas == imported_run())
    group = addressed_choice("About", "about", list(GROUPS), place=st.segmented_control, first=own, required=True)
    offered = {example.name: example for example in examples() if example.of_atlas == GROUPS[group]}
    titles = {name: example.title for name, example in offered.items()}
    parameter = "atlas_question" if GROUPS[group] else "question"
    return offered[addressed_choice("Question", parameter, list(offered), titles.__getitem__)]


def show_answer(example: Example) -> None:
    """The answer as a table, of which run it is, and the query behind it."""
    frame = answer(example.name)
    st.subheader(example.title)
    if frame.is_empty():
        st.info(NOTHING[example.of_atlas])
    else:
        show_table(frame, of=tables_of(example.sql), height="content" if frame.height <= 12 else 460)
        of_this = example.of_atlas == imported_run()
        whose = "the run in the sidebar" if of_this else "the newest run of this kind: the one in the sidebar is none"
        st.caption(f"{frame.height:,} rows, of {whose}.")
    with st.expander("The query", expanded=True):
        st.code(example.sql, language="sql")
    link_to_editor(example.sql)
    st.caption("There it reads the newest run. Kept in a file, it runs in a terminal: scfm sql - < FILE.sql")


def tables_of(sql: str) -> tuple[str, ...]:
    """The tables that a query names, whose contracts say what its columns hold."""
    words = re.findall(r"\w+", sql)
    return tuple(table for table in dict.fromkeys(words) if table in contracts())


def head() -> bool:
    """The questions, and the answer to the chosen one."""
    show_answer(choose())
    return True


PAGE = Page(
    name="ask",
    title="Ask the warehouse",
    icon="help",
    shows="worked questions with their queries and answers, on runs made here and on imported atlases",
    intro="Questions that people ask, with the SQL that answers them. Choose one.",
    head=head,
)

if __name__ == "__main__":
    run_page(PAGE)
