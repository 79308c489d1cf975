"""Which cells of a feature are kept: its strongest ones, and some from the middle and the end of those it fires in.

1. One pass over the firings gives the sum, the largest and the number of activations by (feature, cell). Within a
   chunk of positions they are collected in a dense block of the chunk's cells; a cell in two chunks is combined.
2. The cells in which a feature fires are ranked by its largest activation there, ties by the cell's number.
3. ``top``: the first cells. ``low``: the last ones. ``middle``: those around the middle rank. A cell is of one part:
   top before low before middle.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.contexts.step import ContextsSettings
from tasks.codes.axes import Axes
from tasks.codes.reader import Firings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reals = NDArray[np.float32]


@dataclass(frozen=True)
class CellSums:
    """Of n pairs of a feature and a cell in which it fires, ascending by feature, then cell (index into the axes).

    ``feature``, ``cell`` and ``count`` int64 [n], ``total`` float64 [n], ``maximum`` float32 [n].
    """

    feature: Ints
    cell: Ints
    total: Floats
    maximum: Reals
    count: Ints


def sum_by_cell(firings: Iterable[Firings], axes: Axes, n_features: int) -> CellSums:
    """Step 1."""
    n_cells = axes.cell_id.size
    parts = [_of_chunk(chunk, axes.cell, n_cells, n_features) for chunk in firings if chunk.value.size]
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return CellSums(nothing, nothing, np.zeros(0), np.zeros(0, dtype=np.float32), nothing)
    key = np.concatenate([part[0] for part in parts])
    total, maximum, count = (np.concatenate([part[i] for part in parts]) for i in (1, 2, 3))
    order = np.argsort(key, kind="stable")
    key = key[order]
    start = np.flatnonzero(np.diff(key, prepend=-1))
    return CellSums(
        key[start] // n_cells,
        key[start] % n_cells,
        np.add.reduceat(total[order], start),
        np.maximum.reduceat(maximum[order], start),
        np.add.reduceat(count[order], start),
    )


def _of_chunk(chunk: Firings, cell: Ints, n_cells: int, n_features: int) -> tuple[Ints, Floats, Reals, Ints]:
    """Keys feature * n_cells + cell of the pairs that occur in one chunk; their sum, maximum and number."""
    first, last = chunk.position[0], chunk.position[-1]
    cells, local = np.unique(cell[first : last + 1], return_inverse=True)
    pair = chunk.feature * np.int64(cells.size) + local[chunk.position - first]
    size = cells.size * n_features
    count = np.bincount(pair, minlength=size)
    total = np.bincount(pair, weights=chunk.value.astype(np.float64), minlength=size).astype(np.float64)
    maximum = np.zeros(size, dtype=np.float32)
    np.maximum.at(maximum, pair, chunk.value)
    place = np.flatnonzero(count)
    key = place // cells.size * np.int64(n_cells) + cells[place % cells.size]
    return key, total[place], maximum[place], count[place].astype(np.int64)


def choose_cells(sums: CellSums, axes: Axes, settings: ContextsSettings) -> pl.DataFrame:
    """Steps 2 and 3: feature, cell (index), rank, part (NULL where numbers alone are kept), maximum, mean, n_firings.

    ``mean`` is over all kept positions of the cell, zeros included. Sorted by feature and rank.
    """
    order = np.lexsort((sums.cell, -sums.maximum, sums.feature))
    feature, cell = sums.feature[order], sums.cell[order]
    rank = np.arange(feature.size) - np.searchsorted(feature, feature) + 1
    n = np.bincount(feature, minlength=1)[feature] if feature.size else feature
    top = rank <= settings.strongest
    low = rank > n - settings.others
    before = (n - settings.others) // 2
    middle = (rank > before) & (rank <= before + settings.others)
    part = np.select([top, low, middle], ["top", "low", "middle"], default="")
    frame = pl.DataFrame(
        {
            "feature": feature,
            "cell": cell,
            "rank": rank,
            "part": pl.Series(part, dtype=pl.String).replace("", None),
            "maximum": sums.maximum[order],
            "mean": sums.total[order] / axes.cell_count[cell],
            "n_firings": sums.count[order],
        }
    )
    return frame.filter((pl.col("rank") <= settings.known) | pl.col("part").is_not_null())
