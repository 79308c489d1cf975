"""Sums over the firings of a layer, by feature, by (feature, gene) and by (cell, feature).

1. Every firing adds its value and a count to its feature and to its (feature, gene).
2. Within a chunk of positions the values are summed by (cell, feature) in a dense block of the chunk's cells.
3. The blocks are kept sparse and put together at the end; a cell in two chunks is summed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings


@dataclass(frozen=True)
class FiringSums:
    """Sums of F features over C cells and G genes.

    ``fire_count`` int64 [F]; ``total`` and ``maximum`` float64 [F]; ``gene_fires`` uint32 and ``gene_total``
    float64 [F, G]; ``cell_total`` sparse float64 [C, F], non-zero exactly where the feature fires in the cell.
    """

    fire_count: NDArray[np.int64]
    total: NDArray[np.float64]
    maximum: NDArray[np.float64]
    gene_fires: NDArray[np.uint32]
    gene_total: NDArray[np.float64]
    cell_total: csr_matrix

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Features that fire at least once: [F]."""
        return self.fire_count > 0

    @property
    def n_cells_active(self) -> NDArray[np.int64]:
        """Cells where each feature fires: [F]."""
        return np.asarray(self.cell_total.getnnz(axis=0), dtype=np.int64)


def sum_firings(firings: Iterable[Firings], axes: Axes, n_features: int) -> FiringSums:
    """Sum the firings of ``n_features`` features at positions numbered by ``axes``."""
    n_genes = len(axes.gene_id)
    fire_count = np.zeros(n_features, dtype=np.int64)
    total, maximum = np.zeros(n_features), np.zeros(n_features)
    gene_fires = np.zeros((n_features, n_genes), dtype=np.uint32)
    gene_total = np.zeros((n_features, n_genes))
    blocks = [coo_matrix((axes.cell_id.size, n_features))]
    for chunk in firings:
        value = chunk.value.astype(np.float64)
        fire_count += np.bincount(chunk.feature, minlength=n_features)
        total += np.bincount(chunk.feature, weights=value, minlength=n_features)
        np.maximum.at(maximum, chunk.feature, value)
        gene = axes.gene[chunk.position]
        known = gene != NO_GENE
        pair = (chunk.feature * np.int64(n_genes) + gene)[known]
        np.add.at(gene_fires.reshape(-1), pair, np.uint32(1))
        np.add.at(gene_total.reshape(-1), pair, value[known])
        blocks.append(_sum_by_cell(chunk, value, axes, n_features))
    return FiringSums(fire_count, total, maximum, gene_fires, gene_total, _stack(blocks))


def cell_means(sums: FiringSums, axes: Axes) -> csr_matrix:
    """Mean activation of every feature over the positions of every cell, zeros included: [C, F]."""
    return (diags(1.0 / axes.cell_count) @ sums.cell_total).tocsr()


def _sum_by_cell(chunk: Firings, value: NDArray[np.float64], axes: Axes, n_features: int) -> coo_matrix:
    shape = (axes.cell_id.size, n_features)
    if not value.size:
        return coo_matrix(shape)
    first, last = chunk.position[0], chunk.position[-1]
    cells, local = np.unique(axes.cell[first : last + 1], return_inverse=True)
    pair = local[chunk.position - first] * n_features + chunk.feature
    block = np.bincount(pair, weights=value, minlength=cells.size * n_features)
    place = np.flatnonzero(block)
    return coo_matrix((block[place], (cells[place // n_features], place % n_features)), shape=shape)


def _stack(blocks: list[coo_matrix]) -> csr_matrix:
    """The sum of blocks of one shape, without holding them densely."""
    parts = [np.concatenate([getattr(block, name) for block in blocks]) for name in ("data", "row", "col")]
    return csr_matrix((parts[0], (parts[1], parts[2])), shape=blocks[0].shape)
