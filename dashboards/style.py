"""One look for all figures: the Okabe-Ito palette, which colour-blind readers tell apart, and titled axes."""

import plotly.graph_objects as go
import streamlit as st

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#8C8C8C",
)  # fmt: skip
CATEGORIES = [BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, "#332288", "#44AA99", "#882255", "#999933", GREY]
SEQUENTIAL = "Viridis"
SIGNS = {"increase": ORANGE, "decrease": BLUE}  # sign of an effect: what the ablation does to the target


def finish(figure: go.Figure, x: str, y: str, height: int = 320) -> go.Figure:
    """Axis titles, margins and legend that every figure has."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 28, "b": 10},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        colorway=CATEGORIES,
    )
    figure.update_xaxes(title=x, automargin=True)
    figure.update_yaxes(title=y, automargin=True)
    return figure


def show(figure: go.Figure, explanation: str, key: str | None = None) -> None:
    """A figure with a sentence below that says how to read it."""
    st.plotly_chart(figure, key=key, config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]})
    st.caption(explanation)


def integer_axis(figure: go.Figure, axis: str = "x") -> go.Figure:
    """Ticks at whole numbers, for layers."""
    update = figure.update_xaxes if axis == "x" else figure.update_yaxes
    update(dtick=1)
    return figure
