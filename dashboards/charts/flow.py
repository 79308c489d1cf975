"""The picture of links between layers: modules as nodes, one column a layer, ribbons as wide as they have links."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboards.flow import ALONE, OTHER
from dashboards.style import BLUE, GREY, ORANGE, finish, ink
from dashboards.text import hover

Node = tuple[int, str]  # layer, name
BANDS = (  # lower end of observed over expected, colour, name
    (2.0, ORANGE, "twice as many as expected, or more"),
    (1.25, "#F2CF85", "1.25 to 2 times"),
    (0.8, "#BDBDBD", "0.8 to 1.25 times"),
    (0.0, "#7FB8D9", "less than 0.8 times"),
)
UNKNOWN = "#BDBDBD"
LAST = {ALONE: 1, OTHER: 0}
SHORT = {ALONE: "none", OTHER: "other"}
HEIGHT = 620
GAP, PAD = 0.02, 14  # between nodes: of the height, and in pixels, a little more, so that they never meet


def sankey(flow: pl.DataFrame, ratio: str, labels: dict[Node, str]) -> go.Figure:
    """Rows of ``flow.gathered``, coloured by column ``ratio``. ``labels``: of modules, shown where they are touched."""
    nodes = _nodes(flow)
    place = {node: number for number, node in enumerate(nodes)}
    x, y = _places(flow, nodes)
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            domain={"y": [0, 0.95]},
            textfont={"size": 12, "color": ink()},
            node={
                "label": [f"L{layer} {SHORT.get(name, name)}" for layer, name in nodes],
                "color": [GREY if name in LAST else BLUE for _, name in nodes],
                "customdata": [hover(labels.get(node, "")) for node in nodes],
                "hovertemplate": "%{label}: %{value:,} links drawn<br>%{customdata}<extra></extra>",
                "x": x,
                "y": y,
                "pad": PAD,
                "thickness": 14,
            },
            link={
                "source": [place[one["source_layer"], one["source"]] for one in flow.iter_rows(named=True)],
                "target": [place[one["target_layer"], one["target"]] for one in flow.iter_rows(named=True)],
                "value": flow["n_links"].to_list(),
                "color": [_colour(value) for value in flow[ratio]],
                "customdata": [_said(one) for one in flow.iter_rows(named=True)],
                "hovertemplate": "%{source.label} to %{target.label}<br>%{customdata}<extra></extra>",
            },
        )
    )
    for _, colour, name in BANDS:
        marker = {"color": colour, "size": 12, "symbol": "square"}
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=marker)
    figure = finish(figure, "", "", HEIGHT).update_xaxes(visible=False)
    return figure.update_yaxes(visible=False)


def _nodes(flow: pl.DataFrame) -> list[Node]:
    """By layer, modules by number, then what was gathered."""
    found = {(one[f"{end}_layer"], one[end]) for one in flow.iter_rows(named=True) for end in ("source", "target")}
    return sorted(found, key=lambda node: (node[0], node[1] in LAST, LAST.get(node[1], 0), _number(node[1])))


def _number(name: str) -> int:
    last = name.rsplit(" ", 1)[-1]
    return int(last) if last.isdecimal() else 0


def _places(flow: pl.DataFrame, nodes: list[Node]) -> tuple[list[float], list[float]]:
    """Centres: layers evenly from left to right; nodes of a layer below each other, as high as they have links."""
    leaving, reaching = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0)
    for one in flow.iter_rows(named=True):
        leaving[one["source_layer"], one["source"]] += one["n_links"]
        reaching[one["target_layer"], one["target"]] += one["n_links"]
    height = {node: max(leaving[node], reaching[node]) for node in nodes}
    layers = sorted({layer for layer, _ in nodes})
    columns = {layer: [node for node in nodes if node[0] == layer] for layer in layers}
    unit = min((1 - GAP * (len(column) - 1)) / sum(height[node] for node in column) for column in columns.values())
    y: dict[Node, float] = {}
    for column in columns.values():
        top = 0.0
        for node in column:
            y[node] = top + height[node] * unit / 2
            top += height[node] * unit + GAP
    edge = 0.001  # Plotly takes 0 and 1 for no place at all
    span = max(len(layers) - 1, 1)
    x = [edge + (1 - 2 * edge) * layers.index(layer) / span for layer, _ in nodes]
    return x, [min(max(y[node], edge), 1 - edge) for node in nodes]


def _colour(ratio: float | None) -> str:
    return UNKNOWN if ratio is None else next(colour for least, colour, _ in BANDS if ratio >= least)


def _said(one: dict[str, Any]) -> str:
    """What a ribbon stands for."""
    text = f"{one['n_links']:,} links; {one['expected_links']:,.0f} if ends met at random"
    if one["expected"] is None:
        return text
    return f"{text}<br>fire together {one['n_together']:,} times; {one['expected']:,.0f} expected given their genes"
