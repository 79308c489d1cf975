"""What the labels' tests need of the firings: sums by (cell, feature) and by (feature, gene), in one pass.

1. Within a chunk of positions, a dense block of the chunk's cells collects the sum, the number and the maximum of the
   firings by (cell, feature), and the sum of the values of expression at which they happen.
2. The blocks are kept sparse, alike in shape, and put together at the end; a cell in two chunks is combined.
3. By (feature, gene), firings are counted and their expression summed.

At 4,608 features and 20,000 genes the dense tables take 12 bytes an entry, 1.1 GB.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings
from tasks.store.memory import require_memory

Floats = NDArray[np.float64]
GENE_BYTES = 12  # of a (feature, gene)


@dataclass(frozen=True)
class LabelSums:
    """Sums of F features over C cells and G genes.

    Sparse [C, F], non-zero exactly where a feature fires in a cell: ``total`` and ``maximum`` of its activations,
    ``count`` of firings, and ``excess``, the summed expression above the gene's mean (explicit zeros are kept).
    ``gene_fires`` uint32 and ``gene_value`` float64 [F, G] count firings by gene and sum the expression there.
    """

    total: csr_matrix
    count: csr_matrix
    maximum: csr_matrix
    excess: csr_matrix
    gene_fires: NDArray[np.uint32]
    gene_value: Floats


def sum_for_labels(firings: Iterable[Firings], axes: Axes, n_features: int, value: Floats, excess: Floats) -> LabelSums:
    """``value`` and ``excess`` [N]: expression at every position, as it is and less its gene's mean.

    Raises RequestError if the tables by gene do not fit into memory.
    """
    shape = (n_features, len(axes.gene_id))
    needed = GENE_BYTES * shape[0] * shape[1]
    require_memory(needed, f"counting the firings of {n_features} features by gene", "use a machine with more memory")
    gene_fires, gene_value = np.zeros(shape, dtype=np.uint32), np.zeros(shape)
    parts: list[tuple[NDArray[np.int64], Floats]] = []
    for chunk in firings:
        if not chunk.position.size:
            continue
        gene = axes.gene[chunk.position]
        known = gene != NO_GENE
        pair = (chunk.feature * np.int64(shape[1]) + gene)[known]
        np.add.at(gene_fires.reshape(-1), pair, np.uint32(1))
        np.add.at(gene_value.reshape(-1), pair, value[chunk.position[known]])
        parts.append(_by_cell(chunk, axes, n_features, excess))
    total, count, maximum, above = _together(parts, (axes.cell_id.size, n_features))
    return LabelSums(total, count, maximum, above, gene_fires, gene_value)


def _by_cell(chunk: Firings, axes: Axes, n_features: int, excess: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Keys cell * F + feature [n] of the pairs that occur, ascending, and their four sums [4, n]."""
    first, last = chunk.position[0], chunk.position[-1]
    cells, local = np.unique(axes.cell[first : last + 1], return_inverse=True)
    pair = local[chunk.position - first] * np.int64(n_features) + chunk.feature
    size, value = cells.size * n_features, chunk.value.astype(np.float64)
    count = np.bincount(pair, minlength=size)
    maximum = np.zeros(size)
    np.maximum.at(maximum, pair, value)
    place = np.flatnonzero(count)
    above = np.bincount(pair, weights=excess[chunk.position], minlength=size)
    total = np.bincount(pair, weights=value, minlength=size)
    sums = np.stack([one[place].astype(np.float64) for one in (total, count, maximum, above)])
    return cells[place // n_features] * np.int64(n_features) + place % n_features, sums


def _together(parts: list[tuple[NDArray[np.int64], Floats]], shape: tuple[int, int]) -> list[csr_matrix]:
    if not parts:
        return [csr_matrix(shape) for _ in range(4)]
    key, sums = np.concatenate([key for key, _ in parts]), np.concatenate([sums for _, sums in parts], axis=1)
    if (np.diff(key) <= 0).any():  # a cell in two chunks
        order = np.argsort(key, kind="stable")
        key, sums = key[order], sums[:, order]
        start = np.flatnonzero(np.diff(key, prepend=-1))
        key, maximum = key[start], np.maximum.reduceat(sums[2], start)
        sums = np.add.reduceat(sums, start, axis=1)
        sums[2] = maximum
    indptr = np.concatenate([[0], np.cumsum(np.bincount(key // shape[1], minlength=shape[0]))])
    return [csr_matrix((one, key % shape[1], indptr), shape=shape) for one in sums]
