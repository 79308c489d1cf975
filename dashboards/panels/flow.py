"""Panel of the flow: links between the modules of layers as a picture, and the strongest of them as a table."""

import polars as pl
import streamlit as st

from dashboards.address import addressed_choice
from dashboards.charts.flow import Node, sankey
from dashboards.data import imported_run, query_run
from dashboards.flow import PAIR, gathered, widest
from dashboards.panel import Panel
from dashboards.panels.across import strongest_links
from dashboards.run_tables import has_rows
from dashboards.style import show

N_LINKS = 300
ALL = "all layers"
COLUMNS = 8  # layers that one picture has room for
BY_LINKS = "links over those expected if ends met at random"
BY_FIRING = "joint firings over those expected given the genes"
COLOURS = {BY_LINKS: "ratio", BY_FIRING: "together"}

DRAWN = (
    "Columns are layers, their nodes modules and, in grey, smaller modules together (other) and "
    "features without one (none). The width of a ribbon is the number of links"
)
NULLS = {
    BY_LINKS: " Expected: every module keeps the number of its links, and their other ends fall anywhere in the layer. "
    "Directions that the residual stream carries along join modules of neighbouring layers beyond that.",
    BY_FIRING: " Expected: each feature fires in cells drawn at random, given how often it fires on each gene. What is "
    "a link fires together more often than that, or would be none: compare ribbons with each other.",
}


def flow() -> None:
    """The layers to look at, their picture, and their strongest links."""
    rows = query_run("module_flow")
    pairs = rows.select(PAIR).unique(maintain_order=True).rows()
    names = {f"layer {source} to {target}": (source, target) for source, target in pairs}
    few = len({layer for pair in pairs for layer in pair}) <= COLUMNS and len(pairs) > 1
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    with left:
        chosen = addressed_choice("Layers", "layers", [ALL, *names] if few else [*names])
    ends: dict[str, int] = {}
    if chosen != ALL:
        ends = dict(zip(PAIR, names[chosen], strict=True))
        rows = rows.filter(**ends)
    colour = BY_LINKS
    if rows["expected"].count():
        colour = addressed_choice(
            "Colour", "colour", list(COLOURS), place=right.radio, horizontal=True, key="flow_colour"
        )
    picture(rows, colour)
    strongest_links(N_LINKS, **ends)


def picture(rows: pl.DataFrame, colour: str) -> None:
    """Modules of the layers and what joins them, and in words what is left out and what is expected."""
    whole = gathered(rows).with_columns(together=pl.col("n_together") / pl.col("expected"))
    drawn = widest(whole)
    given = " Imported: the strongest links of each feature alone." if imported_run() else ""
    text = f"{DRAWN}{left_out(whole, drawn)}{given}{NULLS[colour]}"
    show(sankey(drawn, COLOURS[colour], labels()), text, key="flow")


def left_out(whole: pl.DataFrame, drawn: pl.DataFrame) -> str:
    """How many thin ribbons are not drawn; ends the sentence on ribbons."""
    if drawn.height == whole.height:
        return "."
    share = 1 - int(drawn["n_links"].sum()) / int(whole["n_links"].sum())
    n = whole.height - drawn.height
    return f"; {n:,} thinner ribbons with {share:.0%} of all links are left out."


def labels() -> dict[Node, str]:
    """Labels of modules by their name in the picture."""
    if not has_rows("module"):
        return {}
    modules = query_run("modules").select("layer", "module", "labels")
    return {(layer, f"module {module}"): text for layer, module, text in modules.iter_rows()}


FLOW = Panel("Flow", ("cross_layer_link",), flow, also=("cross_layer_summary", "module_feature"))
