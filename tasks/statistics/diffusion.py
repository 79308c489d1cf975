"""Diffusion pseudotime: how far points lie from a root for a random walk (Haghverdi et al., Nature Methods 2016).

1. Every point is joined with its k nearest neighbours, and with those that have it among theirs. Its width is
   s_i^2 = median squared distance to its k neighbours.
2. K_ij = sqrt(2 s_i s_j / (s_i^2 + s_j^2)) exp(-|x_i - x_j|^2 / (s_i^2 + s_j^2)) between joined points.
3. Density is taken out: K'_ij = K_ij / (q_i q_j), q the row sums of K. T_ij = K'_ij / sqrt(z_i z_j), z those of K'.
4. With eigenvalues 1 = l_0 > l_1 >= ... and eigenvectors v of T, walks of all lengths add up to
   M = sum over t >= 1 of (T - v_0 v_0')^t, whose eigenvalues are l / (1 - l). So

       dpt(i, j)^2 = |M_i - M_j|^2 = sum over l >= 1 of (l / (1 - l))^2 (v_l(i) - v_l(j))^2

   over the eigenvectors of largest eigenvalue; the others hardly weigh.

Steps 2 to 4 are those of ``scanpy.tl.dpt`` with its Gauss kernel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class FallsApart(ValueError):
    """The neighbours' graph has several parts, and no walk leads from one to another."""


@dataclass(frozen=True)
class DiffusionMap:
    """Places [n, m] whose Euclidean distances are the diffusion distances dpt of step 4."""

    places: Floats

    @classmethod
    def of(cls, points: Floats, k: int, n_components: int) -> "DiffusionMap":
        """Of points [n, d], distinct. Raises FallsApart, and ValueError for fewer than ``k + 2`` points."""
        transitions = transition_matrix(points, k)
        n_parts = connected_components(transitions, directed=False)[0]
        if n_parts > 1:
            raise FallsApart(f"with {k} neighbours, the points fall into {n_parts} parts")
        wanted = min(n_components + 1, len(points) - 1)
        values, vectors = eigsh(transitions, k=wanted, which="LA", v0=np.ones(len(points)), tol=1e-12)
        order = np.argsort(-values)[1:]
        return cls(vectors[:, order] * (values[order] / (1 - values[order])))

    def distances(self, root: int) -> Floats:
        """dpt of every point from ``root``: [n]."""
        found: Floats = np.linalg.norm(self.places - self.places[root], axis=1)
        return found

    def medoid(self, among: Ints) -> int:
        """The one ``among`` these points that lies nearest to all of them together; the first if several do."""
        own = self.places[among]
        total = [np.linalg.norm(own - one, axis=1).sum() for one in own]
        return int(among[int(np.argmin(total))])


def transition_matrix(points: Floats, k: int) -> csr_matrix:
    """T of steps 1 to 3 for points [n, d]. Raises ValueError for fewer than ``k + 2`` points, or too many alike."""
    n = len(points)
    if n < k + 2:
        raise ValueError(f"{n} points have no {k} neighbours to choose")
    distance, neighbour = (found[:, 1:] for found in cKDTree(points).query(points, k + 1))
    width = np.sqrt(np.median(distance**2, axis=1))
    if not width.all():
        raise ValueError(f"a point has {k // 2} others at its very place: there is no width to measure")
    row = np.repeat(np.arange(n), k)
    squared = csr_matrix((distance.ravel() ** 2, (row, neighbour.ravel())), shape=(n, n))
    joined = squared.maximum(squared.T).tocoo()
    i, j, both = joined.row, joined.col, width[joined.row] ** 2 + width[joined.col] ** 2
    kernel = csr_matrix((np.sqrt(2 * width[i] * width[j] / both) * np.exp(-joined.data / both), (i, j)), shape=(n, n))
    kernel = _scaled(kernel, 1 / _row_sums(kernel))
    return _scaled(kernel, 1 / np.sqrt(_row_sums(kernel)))


def _row_sums(kernel: csr_matrix) -> Floats:
    return np.asarray(kernel.sum(axis=1), dtype=np.float64).ravel()


def _scaled(kernel: csr_matrix, factor: Floats) -> csr_matrix:
    by = diags(factor)
    return csr_matrix(by @ kernel @ by)
