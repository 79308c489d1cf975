"""Panels of the page Figures: of each paper one figure at a time, with what was published in its place."""

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.data import query_run
from dashboards.figures.figure import Figure, NothingToDraw, drawn
from dashboards.figures.papers import PAPERS, Paper, figures_of
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.style import show
from dashboards.text import markdown


class ChosenRun:
    """Answers about the run that the sidebar shows."""

    def rows(self, query: str, **values: Any) -> pl.DataFrame:  # noqa: ANN401 - any value that DuckDB can bind
        """Rows of a query for the run."""
        return query_run(query, **values)

    def has(self, table: str) -> bool:
        """Whether the run has rows in a table."""
        return has_rows(table)


def show_paper(paper: Paper) -> None:
    """The panels of the figure that the box names."""
    groups: dict[str, list[Figure]] = {}
    for figure in figures_of(paper.key):
        groups.setdefault(figure.group, []).append(figure)
    names = {group: title_of(own) for group, own in groups.items()}
    chosen = addressed_choice(f"Figure of {paper.repository}", f"{paper.key}_figure", list(groups), names.__getitem__)
    for figure in groups[chosen]:
        show_figure(figure)


def title_of(figures: list[Figure]) -> str:
    """What the box calls the panels of one figure."""
    first, *others = (figure.title for figure in figures)
    return f"{figures[0].group} · {first}{''.join(f'; {title[0].lower()}{title[1:]}' for title in others)}"


def show_figure(figure: Figure) -> None:
    """A panel from this run, and below it what the paper shows and what neither says."""
    st.subheader(f"{figure.number} · {figure.title}")
    beside = f"**Published:** {markdown(figure.published)}\n\n**Mind:** {markdown(figure.caveat)}"
    try:
        found = drawn(figure, ChosenRun())
    except NothingToDraw as reason:
        st.info(markdown(reason))
        st.caption(beside)
    else:
        show(found.picture, beside, key=figure.name)


PAPERS_OF_FIGURES = tuple(Panel(paper.title, (), partial(show_paper, paper)) for paper in PAPERS)
