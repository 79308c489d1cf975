"""The picture of a graph: layers from left to right, features above each other, edges as lines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.colors import sample_colorscale

from dashboards.graph import Graph
from dashboards.graph_order import ordered
from dashboards.style import GREY, RED, SEQUENTIAL, SIGNS, categories, finish, ink

Place = tuple[float, float]  # x, y
WIDEST = 6.0  # pixels of the strongest edge
SMALLEST, LARGEST = 13, 30  # pixels of a feature, and of a super-node of many
BINS = 4  # widths of edges that are told apart
STEPS = 12  # straight pieces of a curve
MANY = 11  # categories with a colour of their own, the rest are grey
FAINT = 0.25  # opacity of edges that do not touch the chosen feature
HIDDEN = "none or several"


def layered(graph: Graph, chosen: str | None, named: set[str]) -> go.Figure:
    """The graph; edges that touch ``chosen`` stand out, and nodes in ``named`` carry their names.

    ``customdata`` of a point is its node. Width: |g| beside the largest; colour of edges: sign.
    """
    places = _places(graph)
    figure = go.Figure(_edges(graph, places, chosen))
    figure.add_traces(_middles(graph, places))
    for sign, colour in SIGNS.items():
        name = f"ablation gives {sign}"
        figure.add_scatter(x=[None], y=[None], mode="lines", name=name, line={"color": colour, "width": 4})
    figure.add_traces(_points(graph, places, chosen, named))
    layers = sorted(graph.nodes["layer"].unique().to_list())
    tallest = max(graph.nodes["layer"].value_counts()["count"].to_list())
    figure = finish(figure, "", "", int(min(max(380, 34 * tallest + 120), 1400)))
    figure.update_xaxes(tickvals=layers, ticktext=[f"Layer {n}" for n in layers], showgrid=False, zeroline=False)
    margin = 0.12 * (layers[-1] - layers[0]) + 0.3  # room for names
    figure.update_xaxes(range=[layers[0] - margin, layers[-1] + margin])
    return figure.update_yaxes(visible=False).update_layout(clickmode="event+select")


def _places(graph: Graph) -> dict[str, Place]:
    """x: layer; y: the order with few crossings."""
    layers, nodes = graph.nodes["layer"].to_list(), graph.nodes["node"].to_list()
    number = {node: place for place, node in enumerate(nodes)}
    ends = graph.links.select("source", "target", pl.col("g").abs()).iter_rows()
    heights = ordered(layers, [(number[source], number[target], size) for source, target, size in ends])
    return {node: (float(layers[i]), -heights[i]) for i, node in enumerate(nodes)}


def _edges(graph: Graph, places: dict[str, Place], chosen: str | None) -> list[go.Scatter]:
    """One line with gaps for all edges of a sign, width and opacity: hundreds of lines would make a page slow."""
    strongest = graph.links["g"].abs().max() or 1.0
    kinds: dict[tuple[str, int, bool], list[Place | tuple[None, None]]] = {}
    for source, target, g in graph.links.select("source", "target", "g").iter_rows():
        width = min(int(abs(g) / strongest * BINS), BINS - 1)
        bright = chosen is None or chosen in (source, target)
        points = kinds.setdefault(("increase" if g > 0 else "decrease", width, bright), [])
        points += [*curve(places[source], places[target]), (None, None)]
    return [
        go.Scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="lines",
            line={"color": SIGNS[sign], "width": 1 + (WIDEST - 1) * (width + 0.5) / BINS},
            opacity=0.8 if bright else FAINT,
            showlegend=False,
            hoverinfo="skip",
        )
        for (sign, width, bright), points in sorted(kinds.items(), key=lambda kind: kind[0][2])
    ]


def curve(start: Place, end: Place) -> list[Place]:
    """From one place to another, level at both ends."""
    steps = np.linspace(0, 1, STEPS + 1)
    heights = start[1] + (end[1] - start[1]) * steps**2 * (3 - 2 * steps)
    return [(float(start[0] + (end[0] - start[0]) * s), float(y)) for s, y in zip(steps, heights, strict=True)]


def _middles(graph: Graph, places: dict[str, Place]) -> list[go.Scatter]:
    """What is said of every edge, in its middle: at its ends, features are to be touched."""
    ends = [(places[source], places[target]) for source, target in graph.links.select("source", "target").iter_rows()]
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in ends]
    touched = {"size": 12, "opacity": 0}
    told = {"text": graph.links["said"].to_list(), "hovertemplate": "%{text}<extra></extra>", "hoverinfo": None}
    return [points(middles, 12, [GREY] * len(middles), marker=touched, unselected={"marker": {"opacity": 0}}, **told)]


def _points(graph: Graph, places: dict[str, Place], chosen: str | None, named: set[str]) -> list[go.Scatter]:
    """One trace per colour, so that the legend names it."""
    shades = _shades(graph.nodes)
    shown = graph.nodes.with_columns(
        shade=pl.col("colour").replace_strict(shades, default=GREY), known=pl.col("colour").is_in(list(shades))
    )
    shown = shown.with_columns(colour=pl.when("known").then("colour").otherwise(pl.lit("none, several or other")))
    return [_trace(part, places, chosen, named) for part in shown.partition_by("colour", maintain_order=True)]


def _trace(part: pl.DataFrame, places: dict[str, Place], chosen: str | None, named: set[str]) -> go.Scatter:
    rows = part.to_dicts()
    sizes = [min(SMALLEST + 3 * (row["n_members"] - 1), LARGEST) for row in rows]
    rings = [4 if row["marked"] else 3 if row["node"] == chosen else 1 for row in rows]
    lines = {"color": [RED if row["marked"] else ink() for row in rows], "width": rings}
    symbols = ["diamond" if row["pinned"] else "square" if row["n_members"] > 1 else "circle" for row in rows]
    marker = {"size": sizes, "color": part["shade"].to_list(), "symbol": symbols, "line": lines, "opacity": 1}
    texts = [row["title"] if row["node"] in named else "" for row in rows]
    return points(
        [places[row["node"]] for row in rows],
        SMALLEST,
        [],
        marker=marker,
        name=part["colour"][0],
        showlegend=True,
        mode="markers+text",
        text=texts,
        textposition="top center",
        textfont={"size": 10, "color": ink()},
        unselected={"marker": {"opacity": 1}, "textfont": {"color": ink()}},
        customdata=[[row["node"], *row["said"]] for row in rows],
        hoverinfo=None,
        hovertemplate="<b>%{customdata[1]}</b><br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    )


def _shades(nodes: pl.DataFrame) -> dict[str, str]:
    """Colours by category, the commonest first; layers from dark to light in their order."""
    known = nodes.filter(pl.col("colour") != HIDDEN)
    layers = known.select("layer", "colour").unique().sort("layer")
    if layers["colour"].to_list() == [f"layer {layer}" for layer in layers["layer"]]:
        shades = sample_colorscale(SEQUENTIAL, np.linspace(0, 0.9, max(layers.height, 2)).tolist())
        return dict(zip(layers["colour"], shades, strict=False))
    counts = known["colour"].value_counts().sort(["count", "colour"], descending=[True, False])
    return dict(zip(counts["colour"].to_list()[:MANY], categories(), strict=False))


def line(start: Place, end: Place, strength: float, colour: str) -> go.Scatter:
    """A line as wide as it is strong, 1 being strongest."""
    return go.Scatter(
        x=[start[0], end[0]],
        y=[start[1], end[1]],
        mode="lines",
        line={"color": colour, "width": 1 + (WIDEST - 1) * strength},
        opacity=0.7,
        showlegend=False,
        hoverinfo="skip",
    )


def points(
    places: Sequence[Place],
    sizes: float | list[float],
    colours: list[str],
    **options: Any,  # noqa: ANN401 - of Plotly
) -> go.Scatter:
    """Features as circles of ``sizes`` in pixels; ``options`` take the place of these."""
    style = {"size": sizes, "color": colours, "line": {"color": GREY, "width": 2}, "opacity": 1}
    usual = {"mode": "markers", "hoverinfo": "skip", "marker": style, "showlegend": False}
    return go.Scatter(x=[x for x, _ in places], y=[y for _, y in places], **(usual | options))
