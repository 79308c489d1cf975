"""Panel of modules: their sizes and labels, how far they are from chance, and the members and pairs of one of them."""

import polars as pl
import streamlit as st

from dashboards.charts.modules import modularity_bars, module_bars
from dashboards.data import query_run
from dashboards.imported import given
from dashboards.layout import described_table, filled
from dashboards.links import feature_address, link_column
from dashboards.panel import Panel
from dashboards.run_tables import has_rows
from dashboards.style import show

N_MEMBERS, N_PAIRS = 500, 300
LABELS = "Labels: terms that more members carry than chance gives; of an imported atlas, the commonest ones."


def modules() -> None:
    """Modules of every layer with their labels, and one of them in detail."""
    frame = query_run("modules")
    text = "Members of each module, stacked by layer; modules of different layers are not matched."
    if frame["modularity"].count():
        left, right = st.columns([3, 2])
        with left:
            show(module_bars(frame), text)
        with right:
            beside = "Modularity beside that of networks in which every feature keeps the number of its pairs."
            show(modularity_bars(frame), beside)
    else:
        show(module_bars(frame), text)
    described_table(given(frame), LABELS, of=("module", "module_label"), height=360)
    one_module(frame)


def one_module(frame: pl.DataFrame) -> None:
    """Members of a module that the reader chooses, and the pairs that hold it together."""
    names = {
        row: f"Layer {layer}, module {module}: {n} features"
        for row, (layer, module, n) in enumerate(frame.select("layer", "module", "n_features").iter_rows())
    }
    chosen = st.selectbox("Module", list(names), format_func=names.__getitem__, key="one_module")
    of = {name: frame[name][chosen] for name in ("sae_id", "module")}
    members = query_run("module_members", n_rows=N_MEMBERS, **of)
    shown = members.with_columns(page=feature_address()).select(
        "page", "top_genes", "label", "top_cell_type", "n_joined"
    )
    caption = f"The first {N_MEMBERS} members, those joined to most others first."
    described_table(given(shown), caption, of=("feature",), links={"page": link_column("feature")}, height=320)
    if has_rows("module_edge"):
        joined_pairs(query_run("module_pairs", n_rows=N_PAIRS, **of))


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
