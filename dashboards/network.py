"""The picture of a neighbourhood: layers from left to right, a feature and its strongest edges."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.links import feature_name
from dashboards.style import BLUE, GREY, SIGNS, finish

Node = tuple[int, int]  # layer, feature
WIDEST = 6.0  # pixels of the strongest edge


def neighbourhood(edges: pl.DataFrame, centre: Node) -> go.Figure:
    """Rows of query ``edges`` around ``centre``. x is the layer; features of a layer stand below each other."""
    genes = node_genes(edges)
    places = node_places(edges, centre)
    figure = go.Figure()
    strongest = edges["g"].abs().max()
    for edge in edges.iter_rows(named=True):
        figure.add_trace(_line(edge, places, abs(edge["g"]) / strongest))
    for sign, colour in SIGNS.items():
        name = f"ablation gives {sign}"
        figure.add_scatter(x=[None], y=[None], mode="lines", name=name, line={"color": colour, "width": 4})
    figure.add_trace(_nodes(places, genes, centre))
    layers = sorted({layer for layer, _ in places})
    figure = finish(figure, "", "", max(320, 36 * _tallest(places) + 120))
    figure.update_xaxes(tickvals=layers, ticktext=[f"Layer {n}" for n in layers], showgrid=False, zeroline=False)
    figure.update_xaxes(range=[layers[0] - 0.35, layers[-1] + 0.75])
    return figure.update_yaxes(visible=False)


def node_genes(edges: pl.DataFrame) -> dict[Node, str]:
    """The first two genes of every feature at an end of an edge."""
    genes: dict[Node, str] = {}
    for edge in edges.iter_rows(named=True):
        for end in ("source", "target"):
            listed = (edge[f"{end}_genes"] or "no genes").split(", ")
            genes[edge[f"{end}_layer"], edge[f"{end}_feature"]] = ", ".join(listed[:2])
    return genes


def node_places(edges: pl.DataFrame, centre: Node) -> dict[Node, tuple[float, float]]:
    """x: layer; y: order within the layer by signed effect, centred on 0, so that signs do not mix."""
    effects: dict[Node, float] = {centre: 0.0}
    for edge in edges.sort(pl.col("g").abs(), descending=True).iter_rows(named=True):
        for end in ("source", "target"):
            effects.setdefault((edge[f"{end}_layer"], edge[f"{end}_feature"]), edge["g"])
    places: dict[Node, tuple[float, float]] = {}
    for layer in sorted({layer for layer, _ in effects}):
        column = sorted((n for n in effects if n[0] == layer), key=lambda node: (effects[node], node))
        for rank, node in enumerate(column):
            places[node] = (float(layer), rank - (len(column) - 1) / 2)
    return places


def _tallest(places: dict[Node, tuple[float, float]]) -> int:
    layers = [layer for layer, _ in places]
    return max(layers.count(layer) for layer in set(layers))


def _line(edge: dict[str, Any], places: dict[Node, tuple[float, float]], strength: float) -> go.Scatter:
    start = places[edge["source_layer"], edge["source_feature"]]
    end = places[edge["target_layer"], edge["target_feature"]]
    source, target = (feature_name(edge[f"{e}_layer"], edge[f"{e}_feature"]) for e in ("source", "target"))
    steps = [i / 8 for i in range(9)]  # a hover point every eighth of the way
    return go.Scatter(
        x=[start[0] + (end[0] - start[0]) * s for s in steps],
        y=[start[1] + (end[1] - start[1]) * s for s in steps],
        mode="lines",
        line={"color": SIGNS["increase" if edge["g"] > 0 else "decrease"], "width": 1 + (WIDEST - 1) * strength},
        opacity=0.7,
        showlegend=False,
        hovertemplate=f"{source} to {target}: g {edge['g']:.2f}, q {edge['q']:.1e}<extra></extra>",
    )


def _nodes(places: dict[Node, tuple[float, float]], genes: dict[Node, str], centre: Node) -> go.Scatter:
    nodes = list(places)
    return go.Scatter(
        x=[places[node][0] for node in nodes],
        y=[places[node][1] for node in nodes],
        mode="markers+text",
        text=[f"  <b>{feature_name(*node)}</b> {genes.get(node, '')}" for node in nodes],
        textposition="middle right",
        marker={
            "size": 14,
            "color": [BLUE if node == centre else "white" for node in nodes],
            "line": {"color": GREY, "width": 2},
        },
        showlegend=False,
        hoverinfo="skip",
    )
