"""Exact nearest neighbours, and the graph that UMAP makes of them (McInnes et al. 2018), as scib-metrics uses both.

1. Neighbours of a cell by Euclidean distance, the cell itself first; cells at one distance in their order in the table.
2. rho_i is the distance to the nearest other cell that is not at 0. sigma_i solves
   sum_j exp(-max(0, d_ij - rho_i) / sigma_i) = log2(k) over the k - 1 others, by bisection.
3. w_ij = exp(-max(0, d_ij - rho_i) / sigma_i), and the graph is W + W' - W * W' (element by element).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ENTRIES = 2**23  # distances that are held at once
N_BISECTIONS, TOLERANCE, SMALLEST_SIGMA = 64, 1e-5, 1e-3  # those of UMAP; the last in mean distances


@dataclass(frozen=True)
class Neighbours:
    """The k nearest cells of each of n, itself first: ``index`` [n, k] and ``distance`` [n, k]."""

    index: Ints
    distance: Floats

    @classmethod
    def of(cls, points: Floats, k: int) -> "Neighbours":
        """Of ``points`` [n, d]; k is at most n."""
        index = np.empty((len(points), k), dtype=np.int64)
        distance = np.empty((len(points), k))
        for rows, squared in distance_blocks(points):
            squared[np.arange(len(rows)), rows] = -1.0  # itself comes first, whatever coincides with it
            index[rows] = np.argsort(squared, axis=1, kind="stable")[:, :k]
            near = np.take_along_axis(squared, index[rows], axis=1)
            distance[rows] = np.sqrt(np.maximum(near, 0.0))
        return cls(index, distance)

    def first(self, k: int) -> "Neighbours":
        """The nearest k alone."""
        return Neighbours(self.index[:, :k], self.distance[:, :k])

    @cached_property
    def connectivities(self) -> csr_matrix:
        """The symmetric graph [n, n] of steps 2 and 3."""
        n, k = self.index.shape
        rho = np.where(self.distance > 0, self.distance, np.inf).min(axis=1)
        rho = np.where(np.isfinite(rho), rho, 0.0)
        above = np.maximum(self.distance - rho[:, None], 0.0)
        strength = np.exp(-above / _sigmas(above, self.distance, rho)[:, None])
        strength[:, 0] = 0.0  # itself
        graph = csr_matrix((strength.ravel(), self.index.ravel(), np.arange(n + 1) * k), shape=(n, n))
        other = graph.T.tocsr()
        joined = csr_matrix(graph + other - graph.multiply(other))
        joined.eliminate_zeros()
        joined.sort_indices()
        return joined


def distance_blocks(points: Floats) -> Iterator[tuple[Ints, Floats]]:
    """Rows of some cells, and their squared Euclidean distances [rows, n] to all cells of ``points`` [n, d]."""
    centred = np.asarray(points, dtype=np.float64) - np.mean(
        points, axis=0, dtype=np.float64
    )  # loses no digits far off
    squares = np.einsum("nd,nd->n", centred, centred)
    step = max(1, ENTRIES // len(points))
    for first in range(0, len(points), step):
        rows = np.arange(first, min(first + step, len(points)))
        yield rows, np.maximum(squares[rows][:, None] + squares - 2 * centred[rows] @ centred.T, 0.0)


def _sigmas(above: Floats, distance: Floats, rho: Floats) -> Floats:
    """sigma of every cell [n], as UMAP searches for it."""
    target = np.log2(above.shape[1])
    low, high, mid = np.zeros(len(above)), np.full(len(above), np.inf), np.ones(len(above))
    going = np.ones(len(above), dtype=bool)
    for _ in range(N_BISECTIONS):
        total = np.exp(-above[:, 1:] / mid[:, None]).sum(axis=1)
        going &= np.abs(total - target) >= TOLERANCE
        if not going.any():
            break
        over = going & (total > target)
        under = going & (total <= target)
        high, low = np.where(over, mid, high), np.where(under, mid, low)
        middle = np.where(np.isinf(high), mid * 2, (low + high) / 2)
        mid = np.where(going, middle, mid)
    least = SMALLEST_SIGMA * np.where(rho > 0, distance.mean(axis=1), distance.mean())
    return np.asarray(np.maximum(mid, np.maximum(least, np.finfo(np.float64).tiny)))
