"""Figures of the cells of the input files: how many have each value of a column, or each stretch of its numbers."""

from typing import Literal

import plotly.graph_objects as go
import polars as pl

from dashboards.style import BLUE, CATEGORIES, GREEN, GREY, ORANGE, PURPLE, finish

Scale = Literal["cells", "share"]
FATES = {"train": ("training", BLUE), "heldout": ("held out", ORANGE)}  # of cells in use
REASONS = [GREY, GREEN, PURPLE, *CATEGORIES[5:-1]]  # colours of dropped cells, by reason
TITLES = {"cells": "Cells", "share": "Share of such cells"}


def value_bars(counts: pl.DataFrame, title: str, scale: Scale) -> go.Figure:
    """Rows of query ``cell_value_counts``: bars per value, one for each fate of cells, the first value on top."""
    values = counts["value"].unique(maintain_order=True).to_list()
    figure = go.Figure()
    looks = _looks(counts)
    for fate, (name, colour) in reversed(looks.items()):  # the first group stands on top
        part = counts.filter(fate=fate)
        lengths = _scaled(part, scale)
        figure.add_bar(
            y=part["value"], x=lengths, name=name, orientation="h", marker_color=colour, customdata=part["n_cells"],
            hovertemplate=f"%{{y}}: %{{customdata:,}} cells<extra>{name}</extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", legend_traceorder="reversed")
    figure = finish(figure, TITLES[scale], title, 130 + len(values) * (14 + 8 * len(looks)))
    if scale == "share":
        figure.update_xaxes(tickformat=".1~%")
    return figure.update_yaxes(type="category", categoryorder="array", categoryarray=values[::-1])


def number_steps(bins: pl.DataFrame, title: str, scale: Scale, logarithmic: bool) -> go.Figure:
    """Rows of query ``cell_value_bins``: an outline for each fate of cells."""
    figure = go.Figure()
    form = ".1%" if scale == "share" else ",d"
    for fate, (name, colour) in _looks(bins).items():
        part = bins.filter(fate=fate)
        edges = [*part["low"], part["high"][-1]]
        figure.add_scatter(
            x=[edges[0], *edges], y=[0, *_scaled(part, scale), 0], mode="lines", name=name,
            line={"shape": "hv", "color": colour},
            hovertemplate=f"from %{{x:.4~g}}: %{{y:{form}}}<extra>{name}</extra>",
        )  # fmt: skip
    figure = finish(figure, title, TITLES[scale], 340)
    if logarithmic:
        figure.update_xaxes(type="log")
    return figure.update_yaxes(rangemode="tozero", tickformat=".1~%" if scale == "share" else ",")


def _looks(rows: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """Name and colour of every fate: cells in use first, then dropped ones by reason."""
    found = set(rows["fate"])
    reasons = sorted(found - FATES.keys())
    dropped = {reason: (f"dropped: {reason}", REASONS[place % len(REASONS)]) for place, reason in enumerate(reasons)}
    return {fate: look for fate, look in FATES.items() if fate in found} | dropped


def _scaled(rows: pl.DataFrame, scale: Scale) -> list[float]:
    """Numbers of cells, or their shares of all cells of that fate."""
    share = rows["n_cells"] / rows["n_of_fate"]
    return share.to_list() if scale == "share" else rows["n_cells"].to_list()
