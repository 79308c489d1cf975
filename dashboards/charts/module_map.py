"""The map of a module: members as points, the pairs that join them as lines.

Members of a module are of one layer, so places are not by layer as in ``network``: members stand as far apart as there
are steps between them (Kamada & Kawai 1989), as well as the plane allows, starting from a circle. No chance is in it.
"""

from typing import Any

import igraph
import numpy as np
import plotly.graph_objects as go
import polars as pl

from dashboards.charts.network import Place, line, points
from dashboards.links import feature_name
from dashboards.style import BLUE, finish, ink

SMALLEST, GROWTH = 8.0, 22.0  # pixels of a feature that never fires, and what the one that fires most often has more
HEIGHT = 560
LINES = "#BDBDBD"


def module_map(members: pl.DataFrame, pairs: pl.DataFrame) -> go.Figure:
    """Rows of queries ``module_members`` and ``module_pairs``, whose ends are among the members.

    A point's area grows with the frequency of firing, a line's width with the weight of the pair; ``customdata`` of a
    point is its feature.
    """
    places = dict(zip(members["feature"], _places(members, pairs), strict=True))
    strongest = pairs["weight"].max()
    ends = pairs.reverse().select("a_feature", "b_feature", "weight")  # the strongest on top
    lines = [line(places[a], places[b], weight / strongest, LINES) for a, b, weight in ends.iter_rows()]
    shown = [*lines, _middles(places, pairs), _members(members, [*places.values()])]
    figure = finish(go.Figure(shown), "", "", HEIGHT).update_xaxes(visible=False)
    return figure.update_yaxes(visible=False)


def _members(members: pl.DataFrame, places: list[Place]) -> go.Scatter:
    largest = members["frequency"].max() or 1.0
    sizes = (SMALLEST + GROWTH * (members["frequency"] / largest).sqrt()).to_list()
    texts = members.select("feature", pl.format("L{}_F{}", "layer", "feature"), "top_genes", "frequency", "n_joined")
    said = "<b>%{customdata[1]}</b><br>%{customdata[2]}<br>fires at %{customdata[3]:.2%} of positions, joined to "
    return points(
        places,
        sizes,
        [BLUE] * members.height,
        customdata=texts.rows(),
        hoverinfo=None,
        hovertemplate=f"{said}%{{customdata[4]}}<extra></extra>",
        mode="markers+text",
        text=[_short(row) for row in members.iter_rows(named=True)],
        textposition="top center",
        textfont={"size": 10, "color": ink()},
        unselected={"marker": {"opacity": 1}, "textfont": {"color": ink()}},
    )


def _middles(places: dict[int, Place], pairs: pl.DataFrame) -> go.Scatter:
    """What is said of every pair, in the middle of its line: at its ends, points are to be touched."""
    middles = [np.mean([places[a], places[b]], axis=0) for a, b in pairs.select("a_feature", "b_feature").iter_rows()]
    return go.Scatter(
        x=[float(x) for x, _ in middles],
        y=[float(y) for _, y in middles],
        mode="markers",
        marker={"size": 10, "opacity": 0},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
        text=[_said(pair) for pair in pairs.iter_rows(named=True)],
        hovertemplate="%{text}<extra></extra>",
    )


def _said(pair: dict[str, Any]) -> str:
    a, b = (feature_name(pair[f"{end}_layer"], pair[f"{end}_feature"]) for end in ("a", "b"))
    firing = f"together {pair['n_together']:,} times, {pair['expected']:,.0f} expected"
    return f"{a} and {b}: weight {pair['weight']:.3g}; {firing}"


def _short(member: dict[str, object]) -> str:
    """The first gene of a feature, its number where there is none."""
    genes = str(member["top_genes"] or f"F{member['feature']}")
    return genes.split(", ", 1)[0]


def _places(members: pl.DataFrame, pairs: pl.DataFrame) -> list[Place]:
    """x and y of every member, in their order."""
    place = {feature: number for number, feature in enumerate(members["feature"])}
    ends = [(place[a], place[b]) for a, b in pairs.select("a_feature", "b_feature").iter_rows()]
    angle = 2 * np.pi * np.arange(members.height) / members.height
    circle = np.column_stack([np.cos(angle), np.sin(angle)]).tolist()
    graph = igraph.Graph(n=members.height, edges=ends)
    return [(float(x), float(y)) for x, y in graph.layout_kamada_kawai(seed=circle)]
