"""One look for all figures: colours, text that can be read, and titled axes.

Hues are those of Okabe and Ito, which colour-blind readers tell apart, and five more. They are no lighter and no darker
than contrasts of 3 to 1 with the white page and with the dark one allow (WCAG 2.1, level AA, for graphics; text 4.5).
"""

import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit import runtime

from dashboards.address import PAGE
from dashboards.text import hover

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, OLIVE, GREY = (
    "#0072B2", "#CF7F05", "#009E73", "#D23613", "#CC79A7", "#1097E5", "#747416", "#8C8C8C",
)  # fmt: skip
CATEGORIES = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, OLIVE, "#6E3EED", "#0E6F59", "#975185", "#717B42", GREY]
WORDS = {False: "#5F6673", True: "#A9B0BD"}  # of axes and scales, by whether the theme is dark
SEQUENTIAL = "Viridis"
DIVIDE = "#D9D9D9"  # where the colours of two sides meet
TEXTS = ("name", "text", "customdata", "x", "y")  # of a trace, where labels from files may stand
PANEL_FIGURES = "panel_figures"  # key in the session
SIGNS = {"increase": ORANGE, "decrease": BLUE}  # sign of an effect: what the ablation does to the target


def finish(figure: go.Figure, x: str, y: str, height: int = 320) -> go.Figure:
    """Axis titles, margins and legend that every figure has."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 28, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        colorway=CATEGORIES,
    )
    font = {"color": WORDS[is_dark()]}
    figure.update_xaxes(title={"text": x, "font": font}, tickfont=font, automargin=True)
    figure.update_yaxes(title={"text": y, "font": font}, tickfont=font, automargin=True)
    for bar in _colour_bars(figure):
        bar.update(tickfont=font, title_font=font)
    return figure


def _colour_bars(figure: go.Figure) -> list[Any]:
    """What says which colours stand for which numbers."""
    drawn = [trace for trace in figure.data if trace.type in {"heatmap", "scatter", "scattergl"}]
    scales = [trace if trace.type == "heatmap" else trace.marker for trace in drawn]
    return [scale.colorbar for scale in scales if scale.showscale is not False and scale.colorscale is not None]


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
