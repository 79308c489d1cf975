"""Where a feature is most active: the rows of table ``feature_top_cell``.

1. A context is one firing: a cell, the gene read there, its place in the cell, the activation.
2. The ``n`` largest activations of every feature are listed, at most ``per_cell`` of one cell: ten neighbouring genes
   of a single cell would say less than ten cells. Ties go to the earlier position.
3. Positions whose gene the gene table does not know are left out.
4. Chunk by chunk, what is not above the feature's n-th so far is dropped unsorted.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings

Ints = NDArray[np.int64]


def top_contexts(
    firings: Iterable[Firings],
    axes: Axes,
    place: NDArray[np.uint16],
    cells: pl.DataFrame,
    *,
    n_features: int,
    n: int,
    per_cell: int,
) -> pl.DataFrame:
    """The columns of table ``feature_top_cell`` behind sae_id, sorted by feature and rank.

    ``place`` [N] is that of each position in its cell's tokens; ``cells`` holds cell_id and label.
    """
    best, rank = strongest(firings, axes, n_features, n, per_cell)
    gene = axes.gene[best.position]
    frame = pl.DataFrame(
        {
            "feature": best.feature.astype(np.uint32),
            "rank": rank,
            "activation": best.value.astype(np.float64),
            "cell_id": axes.cell_id[axes.cell[best.position]],
            "position": place[best.position],
            "gene_id": pl.Series(axes.gene_id, dtype=pl.String).gather(gene),
        }
    )
    return frame.join(
        cells.select("cell_id", cell_type="label"), on="cell_id", how="left", maintain_order="left"
    ).with_columns(tissue=pl.lit(None, dtype=pl.String))


def strongest(firings: Iterable[Firings], axes: Axes, n_features: int, n: int, per_cell: int) -> tuple[Firings, Ints]:
    """The ``n`` strongest firings of each feature, at most ``per_cell`` of a cell, by feature and rank; their ranks."""
    best, rank = _empty(), np.zeros(0, dtype=np.int64)
    floor = np.zeros(n_features, dtype=np.float32)  # activation of each feature's n-th, 0 while there are fewer
    for chunk in firings:
        near = np.flatnonzero(chunk.value > floor[chunk.feature])
        near = near[axes.gene[chunk.position[near]] != NO_GENE]
        if near.size:
            best, rank = _first(_joined(best, chunk, near), axes, n, per_cell)
            last = rank == n
            floor[best.feature[last]] = best.value[last]
    return best, rank


def _first(found: Firings, axes: Axes, n: int, per_cell: int) -> tuple[Firings, Ints]:
    found = _taken(found, np.lexsort((found.position, -found.value, found.feature)))
    owner = found.feature * np.int64(axes.cell_id.size) + axes.cell[found.position]
    by_owner = np.argsort(owner, kind="stable")
    within = np.empty(owner.size, dtype=np.int64)
    within[by_owner] = _places(owner[by_owner])
    found = _taken(found, within <= per_cell)
    rank = _places(found.feature)
    return _taken(found, rank <= n), rank[rank <= n]


def _places(ascending: NDArray[np.integer]) -> Ints:
    """Place of each entry among its equals, from 1."""
    return np.arange(ascending.size) - np.searchsorted(ascending, ascending) + 1


def _empty() -> Firings:
    return Firings(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


def _joined(best: Firings, chunk: Firings, near: Ints) -> Firings:
    return Firings(
        np.concatenate([best.position, chunk.position[near]]),
        np.concatenate([best.feature, chunk.feature[near]]),
        np.concatenate([best.value, chunk.value[near]]),
    )


def _taken(firings: Firings, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Firings:
    return Firings(firings.position[rows], firings.feature[rows], firings.value[rows])
