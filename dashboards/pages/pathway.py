"""Pathway: the features of all layers that one gene set labels. Deep link: ``?term=…``."""

import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import query_run
from dashboards.page import Page, run_page
from dashboards.panels.pathway import CHOSEN, FEATURES, GENES
from dashboards.text import counted

JOIN = " / "


def head() -> bool:
    """The box; False if no gene set is significant in this run."""
    st.title("Pathway")
    st.caption("Which features a gene set is over-represented in, layer by layer, and which of its genes they share.")
    choices = query_run("pathway_choices")
    if choices.is_empty():
        st.info("No gene set is significant for any feature of this run.")
        return False
    names = {JOIN.join(row[:2]): row for row in choices.iter_rows()}
    left, _ = st.columns([2, 1])
    with left:
        chosen = addressed_choice(
            "Gene set",
            "term",
            list(names),
            lambda name: f"{name} ({counted(names[name][2], 'feature')})",
            key="term_choice",
        )
    st.session_state[CHOSEN] = names[chosen][:2]
    return True


PAGE = Page(
    name="pathway",
    title="Pathway",
    icon="account_tree",
    shows="one gene set: the features of every layer that it labels, and which of its genes they share",
    head=head,
    panels=(FEATURES, GENES),
    words=("feature", "annotated", "q", "null"),
)

if __name__ == "__main__":
    run_page(PAGE)
