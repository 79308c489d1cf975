"""The graph as it is drawn: features with their names, gathered if the reader asks for it, and their edges."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from warehouse.neighbourhood import Feature, Neighbourhood
from warehouse.supernodes import gathered, joined

LONGEST = 26  # characters of a name beside its point
COLOURS = ("layer", "cell type", "module", "sign")
SIGN_WORDS = {True: "its strongest edge raises the target", False: "its strongest edge lowers the target"}


@dataclass(frozen=True)
class Graph:
    """``nodes``: node, layer, title, said, colour, pinned, marked, n_members; ``links``: source, target, g, said.

    ``node`` is the short name of a feature, or the name of a super-node; ``features``: by short name.
    """

    nodes: pl.DataFrame
    links: pl.DataFrame
    features: dict[str, Feature]


def with_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of query ``graph_nodes`` with a ``node`` each: L2_F17, or where layers have several autoencoders, theirs."""
    short = rows.with_columns(node=pl.format("L{}_F{}", "layer", "feature"))
    return (
        short if short["node"].is_unique().all() else rows.with_columns(node=pl.format("{}_F{}", "sae_id", "feature"))
    )


def drawn(
    nodes: pl.DataFrame, part: Neighbourhood, pinned: list[Feature], matches: dict[Feature, str],
    by: str | None, colour: str,
) -> Graph:  # fmt: skip
    """The graph of ``nodes`` (with names) and the edges of ``part``, gathered ``by`` one of GROUPS or not."""
    keys = [(sae, number) for sae, number in nodes.select("sae_id", "feature").iter_rows()]
    names = dict(zip(keys, nodes["node"], strict=True))
    edges = part.edges.with_columns(
        **{end: _named(part.edges, end, names) for end in ("source", "target")},
    )
    strongest = _strongest_signs(edges)
    own = nodes.with_columns(
        pinned=pl.Series([key in pinned for key in keys], dtype=pl.Boolean),
        marked=pl.Series([key in matches for key in keys], dtype=pl.Boolean),
        matched=pl.Series([matches.get(key) for key in keys], dtype=pl.String),
        sign=pl.Series([strongest.get(node) for node in nodes["node"]], dtype=pl.String),
    )
    grouped = gathered(own, by)
    within = dict(grouped.select("node", "within").iter_rows())
    rows = [_node(part, colour) for part in grouped.partition_by("within", maintain_order=True)]
    links = joined(edges.select("source", "target", "g"), within)
    said = _said_of_links(links, edges if by is None else edges.clear())
    return Graph(pl.DataFrame(rows), links.with_columns(said=pl.Series(said, dtype=pl.String)), _by_name(keys, names))


def _named(edges: pl.DataFrame, end: str, names: dict[Feature, str]) -> pl.Series:
    ends = edges.select(f"{end}_sae", f"{end}_feature").iter_rows()
    return pl.Series([names[sae, number] for sae, number in ends], dtype=pl.String)


def _by_name(keys: list[Feature], names: dict[Feature, str]) -> dict[str, Feature]:
    return {names[key]: key for key in keys}


def _strongest_signs(edges: pl.DataFrame) -> dict[str, str]:
    """What the strongest edge at each feature does to its target; edges come strongest first."""
    found: dict[str, str] = {}
    for source, target, g in edges.select("source", "target", "g").iter_rows():
        for node in (source, target):
            found.setdefault(node, SIGN_WORDS[g > 0])
    return found


CATEGORY: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "layer": lambda one: f"layer {one['layer']}",
    "cell type": lambda one: one["top_cell_type"],
    "module": lambda one: None if one["module"] is None else f"layer {one['layer']}, module {one['module']}",
    "sign": lambda one: one["sign"],
}


def _node(members: pl.DataFrame, colour: str) -> dict[str, Any]:
    """One node of the picture, of one feature or of the members of a super-node."""
    first, many = members.row(0, named=True), members.height > 1
    shared = {CATEGORY[colour](one) for one in members.iter_rows(named=True)}
    title = f"{first['group']} ({members.height})" if many else first["name"] or (first["top_genes"] or "unnamed")
    head = first["within"] if many else f"{first['node']} · {first['name'] or 'unnamed'}"
    genes = ", ".join(members["node"]) if many else first["top_genes"] or "no genes"
    matched = members["matched"].drop_nulls().to_list()
    return {
        "node": first["within"],
        "layer": int(first["layer"]),
        "title": title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…",
        "said": [head, genes, f"matches: {matched[0]}" if matched else ""],
        "colour": (shared.pop() if len(shared) == 1 else None) or "none or several",
        "pinned": bool(first["pinned"]),
        "marked": bool(matched),
        "n_members": members.height,
    }


def _said_of_links(links: pl.DataFrame, edges: pl.DataFrame) -> list[str]:
    """What the middle of each edge says: one edge with its q, or how many were summed up."""
    q = {(source, target): q for source, target, q in edges.select("source", "target", "q").iter_rows()}
    said = []
    for source, target, g, n_edges in links.select("source", "target", "g", "n_edges").iter_rows():
        ends = f"{source} to {target}"
        alone = f"g {g:.2f}, q {q[source, target]:.1e}" if (source, target) in q else f"g {g:.2f}"
        said.append(f"{ends}: {alone}" if n_edges == 1 else f"{ends}: {n_edges} edges, summed g {g:.2f}")
    return said
