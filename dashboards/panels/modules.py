"""Panel of modules: their sizes and labels, how far they are from chance, and the members and pairs of one of them."""

from typing import Any

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice, touched
from dashboards.charts.module_map import module_map
from dashboards.charts.modules import modularity_bars, module_bars
from dashboards.data import query_run
from dashboards.imported import given
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column, link_to_feature
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.style import literal, noted, show
from dashboards.text import counted

N_MEMBERS, N_PAIRS = 500, 300
N_ON_MAP, N_LINES = 60, 300  # more make no picture
LABELS = "Labels: terms that more members carry than chance gives; of an imported atlas, the commonest ones."
UNLABELLED = " No module of this run has a label: {carrying:,} of {members:,} members are annotated with a term at all."


def modules() -> None:
    """Modules of every layer with their labels, and one of them in detail."""
    frame = query_run("modules")
    text = "Members of each module, stacked by layer; modules of different layers are not matched."
    if frame["modularity"].count():
        left, right = st.columns([3, 2])
        with left:
            show(module_bars(frame), text)
        with right:
            beside = (
                "Modularity beside that of networks in which every feature keeps the number of its pairs. Bars reach "
                "two standard deviations of these."
            )
            show(modularity_bars(frame), beside)
    else:
        show(module_bars(frame), text)
    described_table(given(frame), LABELS + why_unlabelled(frame), of=("module", "module_label"), height=360)
    one_module(frame)


def why_unlabelled(frame: pl.DataFrame) -> str:
    """How many members carry any term, if no module got a label of them."""
    if frame["labels"].str.len_chars().sum():
        return ""
    return UNLABELLED.format(carrying=frame["n_carrying"].sum(), members=frame["n_features"].sum())


def one_module(frame: pl.DataFrame) -> None:
    """Members of a module that the reader chooses, and the pairs that hold it together."""
    names = {
        row: f"Layer {layer}, module {module}: {counted(n, 'feature')}"
        for row, (layer, module, n) in enumerate(frame.select("layer", "module", "n_features").iter_rows())
    }
    chosen = addressed_choice("Module", "one_module", list(names), names.__getitem__, key="one_module")
    of = {name: frame[name][chosen] for name in ("sae_id", "module")}
    members = query_run("module_members", n_rows=N_MEMBERS, **of)
    shown = members.with_columns(page=feature_address()).select(
        "page", "top_genes", "label", "top_cell_type", "n_joined"
    )
    caption = f"The first {N_MEMBERS} members, those joined to most others first."
    if has_rows("module_edge"):
        map_of_members(members.head(N_ON_MAP), of)
    described_table(given(shown), caption, of=("feature",), links={"page": link_column("feature")}, height=320)
    if has_rows("module_edge"):
        joined_pairs(query_run("module_pairs", n_rows=N_PAIRS, members=None, **of))


def map_of_members(members: pl.DataFrame, of: dict[str, Any]) -> None:
    """Members and the pairs that join them; a click offers the feature's page."""
    asked = {"members": members["feature"].to_list(), **of}
    pairs = query_run("module_pairs", n_rows=N_LINES, **asked)
    if pairs.is_empty():
        return
    figure = noted(literal(module_map(members, pairs)))
    key = f"module_map_{of['sae_id']}_{of['module']}"
    event = st.plotly_chart(figure, on_select=touched, selection_mode="points", key=key)
    density = query_run("module_density", **of).row(0, named=True)
    st.caption(f"{drawn(members.height, pairs.height, density)} {beside_chance(density)}")
    layer = int(members["layer"][0])
    for point in event["selection"]["points"][:3]:
        if "customdata" in point:  # a line has none
            link_to_feature(of["sae_id"], layer, int(point["customdata"][0]))


def drawn(n_members: int, n_lines: int, density: dict[str, Any]) -> str:
    """What points and lines are, and how many members and pairs the picture leaves out."""
    who = "all members" if n_members == density["n_features"] else f"the {n_members} members joined to most others"
    lines = "all" if n_lines == density["n_joined"] else f"{n_lines:,} of the {density['n_joined']:,}"
    return (
        f"Points: {who}, larger the more often they fire, with their first gene; click one to open its page. "
        f"Lines: {lines} joined pairs of members, wider the stronger."
    )


def beside_chance(density: dict[str, Any]) -> str:
    """Density of the module beside that of the network in which features keep the number of their pairs."""
    n_pairs = density["n_pairs"]
    return (
        f"Of all pairs of members {density['n_joined'] / n_pairs:.1%} are joined; {density['expected'] / n_pairs:.1%} "
        "would be if every feature kept the number of its pairs and their other ends fell anywhere. Modules are chosen "
        "for that difference: whether it is more than chance, the modularity beside that of rewired networks tells."
    )


def joined_pairs(pairs: pl.DataFrame) -> None:
    """Pairs of members with what chance gives."""
    if filled(pairs, "No two members are joined: most runs of the algorithm put them together through others."):
        shown = pairs.with_columns(a=feature_address("a_"), b=feature_address("b_"))
        columns = ("a", "a_genes", "b", "b_genes", "n_together", "expected", "z", "q", "pmi", "weight")
        ends = {end: link_column(f"feature {end}") for end in ("a", "b")}
        caption = (
            "Joined pairs, the strongest first: joint firings beside those expected, given how often each feature "
            "fires on each gene."
        )
        described_table(given(shown.select(columns)), caption, of=("module_edge",), links=ends, height=320)


MODULES = Panel("Modules", ("module",), modules, also=("module_feature", "module_label", "module_edge"))
