"""Panels of one feature's edges and of the controls of its ablation; the cells behind an edge."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.ablation import note_ablation, reading_of_sign
from dashboards.address import touched
from dashboards.charts.features import effect_strip
from dashboards.data import chosen_run, query_run
from dashboards.feature_choice import chosen_feature
from dashboards.filters import effect_choice, rule_choice
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, feature_name, link_column
from dashboards.panel import Panel
from dashboards.style import show
from dashboards.tables import show_table

N_ROWS = 200
# Filters of query `edges` that leave all edges in.
NO_ENDS: dict[str, Any] = dict.fromkeys(("source_sae", "source_feature", "target_sae", "target_feature"))
NO_BOUNDS: dict[str, Any] = {"sign": None, "min_effect": 0.0, "max_q": 1.0}


def edges() -> None:
    """Outgoing and incoming edges under a chosen rule and kind of effect."""
    sae_id, feature = chosen_feature()
    counts = query_run("feature_edge_counts", sae_id=sae_id, feature=feature)
    if not counts.is_empty():
        show_table(counts, of=("feature_degree",))
    note_ablation()
    left, right, _ = st.columns([1, 1, 2])
    effect = effect_choice(query_run("traced_saes"), left)
    rule = rule_choice(right)
    link_to_graph(feature, rule, effect)
    out, into = st.tabs(["Outgoing: what it acts on", "Incoming: what acts on it"])
    with out:
        one_way(effect, rule, "target", source_sae=sae_id, source_feature=feature)
    with into:
        one_way(effect, rule, "source", target_sae=sae_id, target_feature=feature)


def link_to_graph(feature: int, rule: str, effect: str) -> None:
    """A link to the graph around the feature, of the edges that are listed."""
    layer = int(query_run("feature", sae_id=chosen_feature()[0], feature=feature)["layer"][0])
    query = {"run": chosen_run(), "tab": "Graph", "pinned": feature_name(layer, feature), "effect": effect}
    query |= {"rule": rule} if rule != "measured" else {}
    label = "Graph around this feature"
    st.page_link("pages/circuits.py", label=label, icon=":material/account_tree:", query_params=query)


def feature_edges(effect: str, rule: str, n_rows: int, **ends: Any) -> pl.DataFrame:  # noqa: ANN401 - of the query
    """The strongest edges that end or start at the feature in ``ends``; all its pairs under the rule "measured"."""
    asked = {"effect": effect, "n_rows": n_rows, **(NO_ENDS | ends)}
    if rule == "measured":
        return query_run("measured_pairs", **asked)
    return query_run("edges", criterion=rule, **asked, **NO_BOUNDS)


def one_way(effect: str, rule: str, other: str, **ends: Any) -> None:  # noqa: ANN401 - values of the query
    """The edges towards ``other`` ends as a table; a click shows the cells behind one."""
    frame = feature_edges(effect, rule, N_ROWS, **ends)
    if not filled(
        frame, "No edge here: the feature was not traced in this direction, or none of its pairs passes the rule."
    ):
        return
    st.write(f"**{frame['n_matching'][0]:,}** edges; the strongest {min(N_ROWS, frame.height)} by |g|.")
    shown = frame.with_columns(page=feature_address(f"{other}_")).select(
        "page", pl.col(f"{other}_genes").alias("top_genes"), "g", "d", "mean", "n_cells", "n_pos", "n_neg", "q"
    )
    chosen = chosen_row(shown, {"page": link_column("feature")}, key=f"edges_{other}", height=300)
    show_cells(frame.row(chosen, named=True), f"cells_{other}")


def chosen_row(shown: pl.DataFrame, links: dict[str, Any], key: str, height: int) -> int:
    """A table of edges; the number of the row that is ticked, at first 0."""
    choice = {"on_select": touched, "selection_mode": "single-row", "key": key}
    rows = show_table(shown, links, of=("edge_stat", "feature"), height=height, **choice)["selection"]["rows"]
    return rows[0] if rows and rows[0] < shown.height else 0


def show_cells(edge: dict[str, Any], key: str) -> None:
    """The per-cell effects of one edge."""
    names = ("source_sae", "source_feature", "target_sae", "target_feature", "effect")
    cells = query_run("edge_cells", **{name: edge[name] for name in names})
    source = feature_name(edge["source_layer"], edge["source_feature"])
    target = feature_name(edge["target_layer"], edge["target_feature"])
    text = (
        f"{source} to {target} in each of the {cells.height} cells where {source} is active; tick a row for another. "
        f"{reading_of_sign()}"
    )
    show(effect_strip(cells), text, key=key)


def controls() -> None:
    """The controls of the feature's ablation."""
    sae_id, feature = chosen_feature()
    frame = query_run("feature_controls", sae_id=sae_id, feature=feature)
    if filled(frame, "This feature is not in the sample of features that controls were run for."):
        text = (
            "Zero must give no edge. A random direction of equal size, one as the layer's states vary, and an "
            "equally frequent feature show how much of the effect is unspecific: a ratio of 1 to the real ablation "
            "is all of it."
        )
        described_table(frame, text, of=("trace_control",))


EDGES = Panel("Edges", ("feature_degree",), edges, also=("edge_stat", "edge", "effect_cell", "trace_pair"))
CONTROLS = Panel("Controls", ("trace_control",), controls)
