"""Figures: every figure of the four papers, drawn from the run at hand, beside what was published."""

import streamlit as st

from dashboards.data import query_run
from dashboards.page import Page, run_page
from dashboards.panels.figures import PAPERS_OF_FIGURES
from dashboards.panels.overview import STAND_IN
from dashboards.text import markdown


def head() -> bool:
    """A warning if the model is a small stand-in."""
    for one in query_run("models").filter("stand_in").iter_rows(named=True):
        st.warning(STAND_IN.format(name=markdown(one["name"])), icon=":material/info:")
    return True


PAGE = Page(
    name="figures",
    title="Figures",
    icon="bar_chart",
    shows="every figure of the four published papers that the tables can draw, from this run, with the published value "
    "and what was wrong with it; `scfm figures --out DIR` writes all of them as files",
    intro="The figures of the four papers, each drawn from this run with the published value beside it. Published "
    "values are of other models, cells and rules: they are no target for this run.",
    head=head,
    panels=PAPERS_OF_FIGURES,
    words=("feature", "edge", "published rule", "null", "q", "d and g"),
)

if __name__ == "__main__":
    run_page(PAGE)
