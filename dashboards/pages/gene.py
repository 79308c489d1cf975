"""Gene: the features of all layers that list one gene among their first. Deep link: ``?gene=…``."""

import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import query_run
from dashboards.page import Page, run_page
from dashboards.panels.gene import CHOSEN, FEATURES, RUNS
from dashboards.text import counted


def head() -> bool:
    """The box; False if no gene of the run tops a feature."""
    st.title("Gene")
    st.caption("Which features list a gene among their first genes, in which layers, and how high.")
    choices = query_run("gene_choices")
    if choices.is_empty():
        st.info("No gene of this run is listed for a feature.")
        return False
    counts = dict(choices.iter_rows())
    left, _ = st.columns([1, 2])
    with left:
        st.session_state[CHOSEN] = addressed_choice(
            "Gene",
            "gene",
            list(counts),
            lambda symbol: f"{symbol} ({counted(counts[symbol], 'feature')})",
            key="gene_choice",
        )
    return True


PAGE = Page(
    name="gene",
    title="Gene",
    icon="genetics",
    shows="one gene: the features of every layer and run that list it, by rank, beside what chance would list",
    head=head,
    panels=(FEATURES, RUNS),
    words=("feature", "position", "activation", "null"),
)

if __name__ == "__main__":
    run_page(PAGE)
