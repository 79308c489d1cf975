"""Panel of the graph: features around those that are pinned, and beside it the card of one of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, box_key, touched
from dashboards.charts.network import layered
from dashboards.circuit_choice import CircuitChoice, chosen_circuits
from dashboards.data import query_run
from dashboards.graph import Graph, drawn, with_names
from dashboards.graph_choice import NODE, GraphChoice, choose_graph
from dashboards.layout import filled
from dashboards.panel import Panel
from dashboards.panels.graph_card import card, downloads
from dashboards.run_tables import has_rows
from dashboards.style import literal, picture_config
from dashboards.text import counted, markdown
from warehouse.neighbourhood import Feature, Neighbourhood, columns_of, neighbourhood

N_NAMED = 20  # nodes that carry their name unless the reader asks for all
CHART = "circuit_graph"  # key of the chart
MEASURED = (
    "The graph is drawn of edges that a rule calls: choose another rule. Every measured pair is on a feature's page."
)
NO_EDGE = (
    "No edge passes the rule from these features. Lower the least |g|, look both ways, choose another rule or another "
    "kind of effect, or pin other features."
)
READING = (
    "Layers from left to right; edges run that way. Width: |g|. Diamonds are pinned, squares stand for several "
    "features. Click a feature to open its card; the corner button shows the graph full screen."
)


def graph() -> None:
    """Boxes, counts, the picture with the card beside it, and downloads."""
    choice = chosen_circuits()
    if choice.rule == "measured":
        st.info(MEASURED)
        return
    asked = choose_graph(choice)
    if asked is None:
        st.info(NO_EDGE)
        return
    part = neighbourhood(asker(choice), asked.around)
    if not filled(part.edges, NO_EDGE):
        return
    st.write(size_of(part, choice.rule))
    if line := part.left_out():
        st.warning(line, icon=":material/content_cut:")
    nodes = with_names(query_run("graph_nodes", **columns_of(part.features), **of_rule(choice)))
    matches = matching(part.features, asked.find)
    shown = drawn(nodes, part, list(asked.around.pinned), matches, asked.group, asked.colour)
    left, right = st.columns([7, 3])
    with right:
        first = next(name for name, feature in shown.features.items() if feature == asked.around.pinned[0])
        node = addressed_choice("Card of", NODE, sorted(shown.features, key=place_of(nodes)), str, first=first)
    with left:
        picture(shown, node, asked)
        downloads(choice, asked)
    with right:
        card(shown.features[node], node, choice, asked, nodes)
    st.caption(beside_random(choice))


def asker(choice: CircuitChoice) -> Callable[..., pl.DataFrame]:
    """Named queries on the chosen run, rule and kind of effect."""
    return partial(query_run, **of_rule(choice))


def of_rule(choice: CircuitChoice) -> dict[str, str]:
    """Rule and kind of effect as parameters of queries."""
    return {"criterion": choice.rule, "effect": choice.effect}


def place_of(nodes: pl.DataFrame) -> Callable[[str], int]:
    """The place of a feature by its name, in the order of layers."""
    return {node: place for place, node in enumerate(nodes["node"])}.__getitem__


def matching(features: list[Feature], text: str) -> dict[Feature, str]:
    """Features that match a text, with why; says how many."""
    if not text:
        return {}
    found = query_run("graph_matches", **columns_of(features), text=text)
    st.caption(f"Found {markdown(text)} at {found.height} of {len(features)} features of the graph (orange rings).")
    return {(sae_id, feature): why for sae_id, feature, why in found.iter_rows()}


def picture(shown: Graph, node: str, asked: GraphChoice) -> None:
    """The graph; a click on a feature opens its card."""
    figure = literal(layered(shown, node if asked.group is None else None, named_nodes(shown, asked.labels)))
    options: dict[str, Any] = {"selection_mode": "points", "config": picture_config(figure)}
    st.plotly_chart(figure, key=CHART, on_select=partial(open_card, tuple(shown.features)), **options)
    st.caption(READING)


def open_card(names: tuple[str, ...]) -> None:
    """Open the card of the feature that was clicked; an edge or a super-node has none."""
    touched()
    for point in st.session_state[CHART]["selection"]["points"]:
        name = (point.get("customdata") or [""])[0]
        if name in names:
            st.session_state[box_key(NODE)] = name
            return


def named_nodes(shown: Graph, labels: str) -> set[str]:
    """Nodes that carry their name: all, none, or the ends of the strongest edges, with pinned and matching ones."""
    if labels != "strongest":
        return set(shown.nodes["node"]) if labels == "all" else set()
    ends = [end for pair in shown.links.select("source", "target").iter_rows() for end in pair]
    kept = shown.nodes.filter(pl.col("pinned") | pl.col("marked"))["node"].to_list()
    return {*list(dict.fromkeys(ends))[:N_NAMED], *kept}


def size_of(part: Neighbourhood, rule: str) -> str:
    """How many features and edges are drawn, and how many of the edges each rule calls."""
    calibrated, specific = int(part.edges["calibrated"].sum()), int(part.edges["specific"].sum())
    text = (
        f"{counted(len(part.features), 'feature', bold=True)} and {counted(part.edges.height, 'edge', bold=True)} "
        f"by the rule {rule}; of these edges **{specific:,}** are specific and **{calibrated:,}** calibrated."
    )
    known = part.edges.filter(pl.col("carried_on").is_not_null())
    if known.is_empty():
        return text
    return f"{text} **{int(known['carried_on'].sum()):,}** join a direction with itself, carried on to a later layer."


def beside_random(choice: CircuitChoice) -> str:
    """What random directions of the same size do beside the features, layer by layer."""
    rows = query_run("control_summary", **choice.ends) if has_rows("control_summary") else pl.DataFrame()
    found = rows.filter(control="random_direction") if rows.height else rows
    if found.is_empty():
        return (
            "No random directions were traced beside the features of this choice, so nothing says here how many such "
            "edges any displacement of the same size would make."
        )
    told = [
        f"layer {row['source_layer']}: {row['control_mean']:,.1f} beside {row['real_mean']:,.1f} of the features "
        f"({counted(row['n_features'], 'feature')})"
        for row in found.iter_rows(named=True)
    ]
    return (
        "Pairs that pass the calibrated rule's effect and agreement, per feature. A random direction of the same size: "
        f"{'; '.join(told)}."
    )


GRAPH = Panel("Graph", ("feature_degree", "edge_stat"), graph, also=("edge", "control_summary", "feature_life"))
