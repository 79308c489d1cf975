"""A run's edges as a directed graph of the features at their ends: GraphML, or node-link JSON."""

import json
from pathlib import Path
from typing import Any

import igraph
import polars as pl

from warehouse.export.contents import Contents

NODE = (
    *("name", "stands_for", "evidence", "sae_id", "layer", "feature", "frequency", "n_genes", "top_genes", "label"),
    *("top_cell_type", "module"),
)
EDGE = ("g", "d", "mean", "q", "n_cells", "sign")


def write_graphml(contents: Contents, path: Path) -> None:
    """Write what Cytoscape, Gephi and igraph open; ``weight`` of an edge is |g|."""
    nodes, ends, edges = graph_of(contents)
    graph = igraph.Graph(n=nodes.height, edges=ends, directed=True)
    for name, values in nodes.to_dict(as_series=False).items():
        graph.vs[name] = values
    for name, values in edges.to_dict(as_series=False).items():
        graph.es[name] = values
    for name, value in contents.run.items():
        graph[name] = str(value)
    graph.write_graphml(str(path))


def write_node_link(contents: Contents, path: Path) -> None:
    """Write node-link JSON, as networkx and d3 read it."""
    nodes, ends, edges = graph_of(contents)
    names = nodes["name"].to_list()
    links: list[dict[str, Any]] = [
        {"source": names[source], "target": names[target], **edge}
        for (source, target), edge in zip(ends, edges.iter_rows(named=True), strict=True)
    ]
    listed = [{"id": node["name"], **node} for node in nodes.iter_rows(named=True)]
    about = {name: str(value) for name, value in contents.run.items()}
    path.write_text(
        json.dumps({"directed": True, "multigraph": False, "graph": about, "nodes": listed, "links": links})
    )


def graph_of(contents: Contents) -> tuple[pl.DataFrame, list[tuple[int, int]], pl.DataFrame]:
    """Nodes at the ends of edges, the edges by places among them, and the edges' values; nothing is NULL.

    Of a part of the graph, features without an edge are nodes as well.
    """
    ends_of_edges = pl.concat([contents.edges["source"], contents.edges["target"]])
    used = pl.Series(contents.kept, dtype=ends_of_edges.dtype) if contents.part else ends_of_edges.unique().sort()
    place = {row: number for number, row in enumerate(used.to_list())}
    nodes = _without_nulls(contents.features[used.to_list()].select(NODE))
    ends = [(place[source], place[target]) for source, target in contents.edges.select("source", "target").iter_rows()]
    edges = contents.edges.select(EDGE).with_columns(weight=pl.col("g").abs())
    return nodes, ends, _without_nulls(edges)


def _without_nulls(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts become empty and numbers -1 where there is nothing: graph files know no NULL."""
    return frame.with_columns(pl.col(pl.String).fill_null(""), pl.selectors.numeric().fill_null(-1))
