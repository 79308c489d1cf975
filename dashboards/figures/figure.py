"""What a figure of the papers is: which queries draw it, what was published in its place, and what it does not say."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import plotly.graph_objects as go
import polars as pl

from warehouse.sql import query_text

Values = dict[str, Any]


class Ask(Protocol):
    """Answers of the warehouse about one run."""

    def rows(self, query: str, **values: Any) -> pl.DataFrame:  # noqa: ANN401 - any value that DuckDB can bind
        """Rows of ``warehouse/queries/<query>.sql`` for the run; ``values`` of its other names."""

    def has(self, table: str) -> bool:
        """Whether the run has rows in a table."""


class NothingToDraw(Exception):
    """Why a run has no such figure, as a sentence."""


def no_values(ask: Ask) -> Values:
    """For queries that ask for nothing but the run."""
    return {}


@dataclass(frozen=True)
class Figure:
    """One panel of a paper.

    ``number`` is the paper's own, or the part of the paper where it has none. ``tables`` must have rows. ``chart``
    takes the rows of ``queries`` in their order; ``values`` chooses what they ask for beside the run. ``published``
    says what the paper shows, ``caveat`` what was wrong there, or what this does not say.
    """

    paper: str
    number: str
    title: str
    tables: tuple[str, ...]
    queries: tuple[str, ...]
    chart: Callable[..., go.Figure]
    published: str
    caveat: str
    values: Callable[[Ask], Values] = no_values

    @property
    def name(self) -> str:
        """What its files are called."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.paper} {self.number} {self.title}".lower()).strip("-")[:80]

    @property
    def group(self) -> str:
        """The figure of the paper that it is a panel of: 3 of 3A."""
        return re.sub(r"(?<=[\d ])[A-Z]$", "", self.number).strip()


@dataclass(frozen=True)
class Drawn:
    """A figure of a run: its picture, and for each query its values and the rows behind the picture."""

    picture: go.Figure
    asked: tuple[tuple[str, Values, pl.DataFrame], ...]


def drawn(figure: Figure, ask: Ask) -> Drawn:
    """Draw a figure. Raises NothingToDraw, which says what the run lacks and what to ask for."""
    missing = [table for table in figure.tables if not ask.has(table)]
    if missing:
        raise NothingToDraw(what_is_missing(missing, ask))
    values = figure.values(ask)
    asked = []
    for query in figure.queries:
        own = {name: value for name, value in values.items() if f"${name}" in names_of(query)}
        asked.append((query, own, ask.rows(query, **own)))
    if asked[0][2].is_empty():
        raise NothingToDraw("The analysis was made and found nothing that belongs in this figure.")
    picture = figure.chart(*(rows for _, _, rows in asked))
    if not any(_shows_something(trace) for trace in picture.data):
        raise NothingToDraw("The analysis was made, and none of its rows has the values that this figure shows.")
    return Drawn(picture, tuple(asked))


def _shows_something(trace: Any) -> bool:  # noqa: ANN401 - of Plotly
    """Whether a trace has any value: a name in the legend is no figure."""
    if trace.type == "sankey":
        return trace.link.value is not None and len(trace.link.value) > 0
    fields = [trace[name] for name in ("x", "y", "z") if name in trace and trace[name] is not None]
    return any(value is not None for field in fields for value in field)


def names_of(query: str) -> set[str]:
    """The names that a query leaves open, each with its dollar sign."""
    return set(re.findall(r"\$\w+", query_text(query)))


def what_is_missing(tables: list[str], ask: Ask) -> str:
    """Why the figure is not there: the analyses to ask for, or the tables where none is known to fill them."""
    analyses = ask.rows("analyses") if ask.has("run_analysis") else pl.DataFrame()
    own = [
        one for one in analyses.iter_rows(named=True) if set(tables) & set(one["tables"].replace(" ", "").split(","))
    ]
    if to_do := [f"{one['title']} ({one['how']})" for one in own if not one["made"]]:
        return f"Not made in this run: {'; '.join(to_do)}."
    if own:
        return f"Made in this run, without rows in {', '.join(tables)}: {'; '.join(one['title'] for one in own)}."
    return f"This run has no rows in {', '.join(tables)}."
