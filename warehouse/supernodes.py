"""Features of a graph gathered into super-nodes, and the edges between these with counts and summed effects.

1. Features of one layer with the same module, cell type or label make a super-node, two of them at least.
2. Pinned features, and those without such a value, stay by themselves.
3. Edges between two of the resulting nodes become one: as many edges, and the sum of their g.
"""

import polars as pl

GROUPS = {"module": "module", "cell type": "top_cell_type", "label": "label"}  # what to gather by, by column
ENDS = ("source", "target")


def gathered(nodes: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """``nodes`` (node, layer, pinned and the columns of GROUPS; ``node`` is unique) with their super-node.

    Added columns: ``within``, the node or super-node that each belongs to, and ``group``, the value that the members
    of a super-node share (None for a node by itself).
    """
    if by is None:
        return nodes.with_columns(within="node", group=pl.lit(None, dtype=pl.String))
    value = pl.col(GROUPS[by]).cast(pl.String)
    own = nodes.with_columns(group=pl.when(~pl.col("pinned")).then(value))
    size = pl.len().over("layer", "group")
    own = own.with_columns(group=pl.when(pl.col("group").is_not_null() & (size > 1)).then("group"))
    named = pl.format("L{} {} {}", "layer", pl.lit(by), "group")
    return own.with_columns(within=pl.coalesce(named, "node"))


def joined(edges: pl.DataFrame, within: dict[str, str]) -> pl.DataFrame:
    """Edges (source, target: nodes; g) between super-nodes: source, target, g (summed), n_edges; strongest first."""
    ends = [pl.col(end).replace_strict(within, return_dtype=pl.String) for end in ENDS]
    summed = edges.with_columns(ends).group_by(ENDS).agg(pl.col("g").sum(), n_edges=pl.len())
    return summed.sort(pl.col("g").abs(), *ENDS, descending=[True, False, False])
