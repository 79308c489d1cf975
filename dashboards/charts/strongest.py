"""The graph that a few edges make: a figure of the strongest ones."""

import plotly.graph_objects as go
import polars as pl

from dashboards.charts.network import layered
from dashboards.graph import Graph


def strongest_paths(edges: pl.DataFrame) -> go.Figure:
    """Rows of query ``edges`` or ``shared_terms`` as the graph that they make; each end carries its first genes."""
    nodes = pl.concat(_ends(edges, end) for end in ("source", "target")).unique("node", maintain_order=True)
    links = edges.select("g", source=_name("source"), target=_name("target"))
    links = links.with_columns(said=pl.format("{} to {}: g {}", "source", "target", pl.col("g").round(2)))
    return layered(Graph(nodes, links, {}), None, set(nodes["node"]))


def _name(end: str) -> pl.Expr:
    return pl.format("L{}_F{}", f"{end}_layer", f"{end}_feature")


def _ends(edges: pl.DataFrame, end: str) -> pl.DataFrame:
    """Nodes of the graph at one end of the edges."""
    genes = pl.col(f"{end}_genes").fill_null("no genes")
    first = genes.str.split(", ").list.head(2).list.join(", ")
    rows = edges.select(
        node=_name(end), layer=f"{end}_layer", title=pl.format("{} {}", _name(end), first), genes=genes,
        colour=pl.format("layer {}", f"{end}_layer"), pinned=False, marked=False, n_members=1,
    )  # fmt: skip
    return rows.with_columns(said=pl.concat_list("node", "genes", pl.lit(""))).drop("genes")
