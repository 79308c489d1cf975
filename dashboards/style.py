"""One look for all figures: the Okabe-Ito palette, which colour-blind readers tell apart, and titled axes."""

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit import runtime

from dashboards.address import PAGE
from dashboards.text import hover

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#8C8C8C",
)  # fmt: skip
CATEGORIES = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, "#332288", "#44AA99", "#882255", "#999933", GREY]
ON_DARK = {"#332288": "#DDDDDD", "#882255": "#FFAABB"}  # the darkest two are light in the dark theme: 3 to 1 or better
SEQUENTIAL = "Viridis"
TEXTS = ("name", "text", "customdata", "x", "y")  # of a trace, where labels from files may stand
PANEL_FIGURES = "panel_figures"  # key in the session
SIGNS = {"increase": ORANGE, "decrease": BLUE}  # sign of an effect: what the ablation does to the target


def finish(figure: go.Figure, x: str, y: str, height: int = 320) -> go.Figure:
    """Axis titles, margins and legend that every figure has."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 28, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        colorway=categories(),
    )
    figure.update_xaxes(title=x, automargin=True)
    figure.update_yaxes(title=y, automargin=True)
    return figure


def show(figure: go.Figure, explanation: str, key: str | None = None) -> None:
    """A figure with a sentence below that says how to read it."""
    st.plotly_chart(noted(readable(literal(figure))), key=key, config=picture_config(figure))
    st.caption(explanation)


def noted(figure: go.Figure) -> go.Figure:
    """The figure, noted among those that the panel shows, which can be taken away."""
    name = axes_of(figure)
    shown = st.session_state.setdefault(PANEL_FIGURES, {})
    shown[name if name not in shown else f"{name} {len(shown) + 1}"] = figure
    return figure


def axes_of(figure: go.Figure) -> str:
    """The titles of both axes, the upright one first."""
    titles = (figure.layout.yaxis.title.text, figure.layout.xaxis.title.text)
    return " ".join(title for title in titles if title) or "picture"


def picture_config(figure: go.Figure) -> dict[str, Any]:
    """The buttons of a figure. The camera saves it at three times its size, named by the page and its axes."""
    words = f"{st.session_state.get(PAGE) or 'overview'} {axes_of(figure)}"
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:60]
    saved = {"format": "png", "filename": name, "scale": 3}
    return {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"], "toImageButtonOptions": saved}


def readable(figure: go.Figure) -> go.Figure:
    """The figure with whole numbers at its logarithmic axes, where Plotly would write "2" and "5" for 0.02 and 0.05.

    Five or so: it would write nine for each power of ten, one upon the other.
    """
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        if axis.type == "log" and axis.tickformat is None:
            axis.tickformat, axis.nticks = "~g", 5
    return figure


def categories() -> list[str]:
    """Colours of categories in their order, as they are in the reader's theme."""
    return [ON_DARK.get(colour, colour) for colour in CATEGORIES] if is_dark() else CATEGORIES


def ink() -> str:
    """The colour of text and lines that must stand out: black, or white in the dark theme."""
    return "white" if is_dark() else "black"


def paper(opacity: float = 1.0) -> str:
    """The colour of the page, for what text or lines are drawn on."""
    return f"rgba({'14, 17, 23' if is_dark() else '255, 255, 255'}, {opacity:g})"


def is_dark() -> bool:
    """Whether the reader's theme is dark; outside the dashboard there is no reader."""
    return runtime.exists() and st.context.theme.type == "dark"


def literal(figure: go.Figure) -> go.Figure:
    """The figure with the texts of its points, names and categories escaped: ``<b>`` in a label is three characters."""
    for trace in figure.data:
        for field in TEXTS:
            if field in trace and trace[field] is not None:
                trace[field] = _escaped(trace[field])
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        if axis.categoryarray is not None:
            axis.categoryarray = _escaped(axis.categoryarray)
    return figure


def _escaped(value: Any) -> Any:  # noqa: ANN401 - texts, or lists of them to any depth
    if isinstance(value, str):
        return hover(value)
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value if value.dtype.kind in "biuf" else [_escaped(one) for one in value.tolist()]
    return [_escaped(one) for one in value] if isinstance(value, list | tuple | np.ndarray) else value


def integer_axis(figure: go.Figure, axis: str = "x") -> go.Figure:
    """Ticks at whole numbers, for layers."""
    update = figure.update_xaxes if axis == "x" else figure.update_yaxes
    update(dtick=1)
    return figure
