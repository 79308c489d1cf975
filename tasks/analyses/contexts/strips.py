"""The firings of features in their chosen cells, position by position: rows of table ``feature_context``.

A second pass over the firings takes those whose (feature, cell) is chosen. Of each pair the strongest are kept, ties to
the earlier position.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings

Ints = NDArray[np.int64]


def read_strips(
    firings: Iterable[Firings], axes: Axes, place: NDArray[np.uint16], chosen: pl.DataFrame, most: int
) -> pl.DataFrame:
    """feature, cell_id, position, gene_id and activation of ``chosen`` pairs (feature, cell), ``most`` of each at most.

    ``place`` [N] is that of each position among its cell's tokens. Sorted by feature, cell and position.
    """
    feature, cell = (chosen[name].to_numpy().astype(np.int64) for name in ("feature", "cell"))
    n_features = int(feature.max(initial=-1)) + 1
    found = [_of_chunk(chunk, axes.cell, feature, cell, n_features) for chunk in firings if chunk.value.size]
    position = np.concatenate([np.zeros(0, dtype=np.int64), *(one.position for one in found)])
    owner = np.concatenate([np.zeros(0, dtype=np.int64), *(one.feature for one in found)])
    value = np.concatenate([np.zeros(0, dtype=np.float32), *(one.value for one in found)])
    kept = _strongest(owner * np.int64(axes.cell_id.size) + axes.cell[position], position, value, most)
    gene = pl.Series(axes.gene_id, dtype=pl.String)
    number = pl.Series(axes.gene[position[kept]])
    return pl.DataFrame(
        {
            "feature": owner[kept].astype(np.uint32),
            "cell_id": axes.cell_id[axes.cell[position[kept]]],
            "position": place[position[kept]],
            "gene_id": gene.gather(number.replace(NO_GENE, None)),
            "activation": value[kept],
        }
    )


def _of_chunk(chunk: Firings, cell_of: Ints, feature: Ints, cell: Ints, n_features: int) -> Firings:
    """The firings of one chunk that belong to pairs (feature, cell)."""
    first, last = cell_of[chunk.position[0]], cell_of[chunk.position[-1]]
    wanted = np.zeros((n_features, last - first + 1), dtype=bool)
    own = (cell >= first) & (cell <= last)
    wanted[feature[own], cell[own] - first] = True
    known = np.flatnonzero(chunk.feature < n_features)
    hit = known[wanted[chunk.feature[known], cell_of[chunk.position[known]] - first]]
    return Firings(chunk.position[hit], chunk.feature[hit], chunk.value[hit])


def _strongest(pair: Ints, position: Ints, value: NDArray[np.float32], most: int) -> Ints:
    """Indices of the ``most`` largest values of each pair, in ascending order of pair and position."""
    order = np.lexsort((position, -value, pair))
    ascending = pair[order]
    rank = np.arange(order.size) - np.searchsorted(ascending, ascending)
    kept = order[rank < most]
    return kept[np.lexsort((position[kept], pair[kept]))]
