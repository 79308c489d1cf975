"""The picture of a neighbourhood: layers from left to right, a feature and its strongest edges."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.links import feature_name
from dashboards.style import BLUE, GREY, SIGNS, finish
from dashboards.text import hover

Node = tuple[int, int]  # layer, feature
Place = tuple[float, float]  # x, y
WIDEST, SIZE = 6.0, 13  # pixels of the strongest edge, and of a feature


def neighbourhood(edges: pl.DataFrame, centre: Node) -> go.Figure:
    """Rows of query ``edges`` around ``centre``. x is the layer; features of a layer stand below each other."""
    genes = node_genes(edges)
    places = node_places(edges, centre)
    figure = go.Figure()
    strongest = edges["g"].abs().max()
    for edge in edges.iter_rows(named=True):
        figure.add_trace(_edge(edge, places, abs(edge["g"]) / strongest))
    for sign, colour in SIGNS.items():
        name = f"ablation gives {sign}"
        figure.add_scatter(x=[None], y=[None], mode="lines", name=name, line={"color": colour, "width": 4})
    colours = [BLUE if node == centre else "white" for node in places]
    figure.add_trace(points([*places.values()], SIZE, colours))
    for node, place in places.items():
        _name(figure, node, place, genes.get(node, ""), centre)
    layers = sorted({layer for layer, _ in places})
    figure = finish(figure, "", "", _height(places))
    figure.update_xaxes(tickvals=layers, ticktext=[f"Layer {n}" for n in layers], showgrid=False, zeroline=False)
    margin = 0.25 * (layers[-1] - layers[0]) + 0.1  # room for names
    figure.update_xaxes(range=[layers[0] - margin, layers[-1] + margin])
    return figure.update_yaxes(visible=False)


def node_genes(edges: pl.DataFrame) -> dict[Node, str]:
    """The first two genes of every feature at an end of an edge."""
    genes: dict[Node, str] = {}
    for edge in edges.iter_rows(named=True):
        for end in ("source", "target"):
            listed = (edge[f"{end}_genes"] or "no genes").split(", ")
            genes[edge[f"{end}_layer"], edge[f"{end}_feature"]] = ", ".join(listed[:2])
    return genes


def node_places(edges: pl.DataFrame, centre: Node) -> dict[Node, Place]:
    """x: layer; y: a line of its own for every node, by signed effect, so that neither signs nor lines mix.

    The centre stands in the middle; nodes before it and after it are ordered apart.
    """
    effects: dict[Node, float] = {}
    for edge in edges.sort(pl.col("g").abs(), descending=True).iter_rows(named=True):
        for end in ("source", "target"):
            effects.setdefault((edge[f"{end}_layer"], edge[f"{end}_feature"]), edge["g"])
    places = {centre: (float(centre[0]), 0.0)}
    for before in (True, False):
        side = [node for node in effects if node != centre and (node[0] < centre[0]) == before]
        side.sort(key=lambda node: (effects[node], node))
        for rank, node in enumerate(side):
            places[node] = (float(node[0]), rank - (len(side) - 1) / 2)
    return places


def _height(places: dict[Node, Place]) -> int:
    ranks = [y for _, y in places.values()]
    return int(max(320, 26 * (max(ranks) - min(ranks)) + 140))


def _edge(edge: dict[str, Any], places: dict[Node, Place], strength: float) -> go.Scatter:
    start = places[edge["source_layer"], edge["source_feature"]]
    end = places[edge["target_layer"], edge["target_feature"]]
    source, target = (feature_name(edge[f"{e}_layer"], edge[f"{e}_feature"]) for e in ("source", "target"))
    colour = SIGNS["increase" if edge["g"] > 0 else "decrease"]
    return line(start, end, strength, colour, f"{source} to {target}: g {edge['g']:.2f}, q {edge['q']:.1e}")


def line(start: Place, end: Place, strength: float, colour: str, said: str | None = None) -> go.Scatter:
    """A line as wide as it is strong, 1 being strongest; it says ``said`` where it is touched, at every eighth."""
    steps = [i / 8 for i in range(9)] if said else [0, 1]
    return go.Scatter(
        x=[start[0] + (end[0] - start[0]) * s for s in steps],
        y=[start[1] + (end[1] - start[1]) * s for s in steps],
        mode="lines",
        line={"color": colour, "width": 1 + (WIDEST - 1) * strength},
        opacity=0.7,
        showlegend=False,
        hovertemplate=said and f"{said}<extra></extra>",
        hoverinfo=None if said else "skip",
    )


def points(
    places: Sequence[Place],
    sizes: float | list[float],
    colours: list[str],
    **options: Any,  # noqa: ANN401 - of Plotly
) -> go.Scatter:
    """Features as circles of ``sizes`` in pixels."""
    return go.Scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        marker={"size": sizes, "color": colours, "line": {"color": GREY, "width": 2}, "opacity": 1},
        showlegend=False,
        **({"mode": "markers", "hoverinfo": "skip"} | options),
    )


def _name(figure: go.Figure, node: Node, place: tuple[float, float], genes: str, centre: Node) -> None:
    """Write a node's name away from the lines, which run towards the centre."""
    shift, anchor = (0, "center") if node == centre else (-12, "right") if node[0] < centre[0] else (12, "left")
    figure.add_annotation(
        x=place[0],
        y=place[1],
        text=f"<b>{feature_name(*node)}</b> {hover(genes)}",
        showarrow=False,
        xanchor=anchor,
        xshift=shift,
        yshift=20 if node == centre else 0,
        bgcolor="rgba(255, 255, 255, 0.8)",
        font={"size": 11},
    )
