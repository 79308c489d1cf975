"""The edges of one feature: a table each way, and the cells behind the chosen edge."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.data import query_run
from dashboards.feature_charts import effect_strip
from dashboards.filters import effect_choice
from dashboards.links import feature_address, feature_name, link_column
from dashboards.style import show
from dashboards.tables import show_table

N_ROWS = 200
# Filters of query `edges` that leave all edges in.
NO_ENDS: dict[str, Any] = dict.fromkeys(("source_sae", "source_feature", "target_sae", "target_feature"))
NO_BOUNDS: dict[str, Any] = {"sign": None, "min_effect": 0.0, "max_q": 1.0}
RULES = {"calibrated": "calibrated rule", "published": "published rule", "measured": "every measured pair"}


def edge_panel(sae_id: str, feature: int) -> None:
    """Outgoing and incoming edges under a chosen rule and kind of effect."""
    traced = query_run("traced_saes")
    if traced.is_empty():
        st.info("This run traced no circuits.")
        return
    counts = query_run("feature_edge_counts", sae_id=sae_id, feature=feature)
    if not counts.is_empty():
        show_table(counts)
    left, right, _ = st.columns([1, 1, 2])
    effect = effect_choice(traced, left)
    rule = right.selectbox("Rule", list(RULES), format_func=RULES.__getitem__)
    out, into = st.tabs(["Outgoing: what it acts on", "Incoming: what acts on it"])
    with out:
        one_way(effect, rule, "target", source_sae=sae_id, source_feature=feature)
    with into:
        one_way(effect, rule, "source", target_sae=sae_id, target_feature=feature)


def feature_edges(effect: str, rule: str, n_rows: int, **ends: Any) -> pl.DataFrame:  # noqa: ANN401 - of the query
    """The strongest edges that end or start at the feature in ``ends``; all its pairs under the rule "measured"."""
    asked = {"effect": effect, "n_rows": n_rows, **(NO_ENDS | ends)}
    if rule == "measured":
        return query_run("measured_pairs", **asked)
    return query_run("edges", criterion=rule, **asked, **NO_BOUNDS)


def one_way(effect: str, rule: str, other: str, **ends: Any) -> None:  # noqa: ANN401 - values of the query
    """The edges towards ``other`` ends as a table; a click shows the cells behind one."""
    frame = feature_edges(effect, rule, N_ROWS, **ends)
    if frame.is_empty():
        st.info("No edge here: the feature was not traced in this direction, or none of its pairs passes the rule.")
        return
    st.write(f"**{frame['n_matching'][0]:,}** edges; the strongest {min(N_ROWS, frame.height)} by |g|.")
    shown = frame.with_columns(page=feature_address(f"{other}_")).select(
        "page", pl.col(f"{other}_genes").alias("top_genes"), "g", "d", "mean", "n_cells", "n_pos", "n_neg", "q"
    )
    event = show_table(
        shown,
        {"page": link_column("feature")},
        height=300,
        on_select="rerun",
        selection_mode="single-row",
        key=f"edges_{other}",
    )
    rows = event["selection"]["rows"]
    show_cells(frame.row(rows[0] if rows and rows[0] < frame.height else 0, named=True), f"cells_{other}")


def show_cells(edge: dict[str, Any], key: str) -> None:
    """The per-cell effects of one edge."""
    names = ("source_sae", "source_feature", "target_sae", "target_feature", "effect")
    cells = query_run("edge_cells", **{name: edge[name] for name in names})
    source = feature_name(edge["source_layer"], edge["source_feature"])
    target = feature_name(edge["target_layer"], edge["target_feature"])
    text = (
        f"{source} to {target} in each of the {cells.height} cells where {source} is active; tick a row for another. "
        "Left of zero: switching the source off lowers the target, so the source supports it."
    )
    show(effect_strip(cells), text, key=key)
