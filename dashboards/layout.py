"""What panels are made of: a sentence where a query gave no rows, a figure with a table beside it, a caption."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboards.style import show
from dashboards.tables import show_table


def filled(frame: pl.DataFrame, otherwise: str) -> bool:
    """Whether there are rows; if not, say ``otherwise``."""
    if frame.is_empty():
        st.info(otherwise)
    return not frame.is_empty()


def described_table(frame: pl.DataFrame, caption: str, of: tuple[str, ...] = (), **options: Any) -> None:  # noqa: ANN401
    """A table with a sentence below; ``of`` and ``options`` as in ``show_table``."""
    show_table(frame, of=of, **options)
    st.caption(caption)


def figure_beside_table(
    figure: go.Figure,
    text: str,
    frame: pl.DataFrame,
    caption: str,
    *,
    widths: Sequence[int] = (2, 3),
    **options: Any,  # noqa: ANN401 - of show_table
) -> None:
    """A figure with its explanation on the left, a table with its caption on the right; ``options`` of the table."""
    left, right = st.columns(widths)
    with left:
        show(figure, text)
    with right:
        described_table(frame, caption, **options)


def two_figures(*figures: tuple[go.Figure, str]) -> None:
    """Figures with their explanations, side by side."""
    for place, (figure, text) in zip(st.columns(len(figures)), figures, strict=True):
        with place:
            show(figure, text)


def metrics(values: dict[str, tuple[str, str]], columns: int = 4) -> None:
    """Figures in boxes, ``columns`` in a row; ``values``: the figure and what it means, by name."""
    names = list(values)
    for start in range(0, len(names), columns):
        row = names[start : start + columns]
        for place, name in zip(st.columns(columns), row, strict=False):
            place.metric(name, values[name][0], help=values[name][1], border=True)
