"""Mann-Whitney tests of every feature against every group of cells, on sparse non-negative values.

1. Within a feature, cells without activation share the lowest ranks: (zeros + 1) / 2 each. Only active cells are
   sorted; ties share the mean of their ranks.
2. The rank sum of a group is that of its active cells plus its silent cells times the silent rank.
3. U = R - n1 (n1 + 1) / 2 and AUROC = U / (n1 n2), n1 cells in the group, n2 outside.
4. Two-sided p by the normal approximation with the correction for ties and for continuity: the variance is
   n1 n2 / 12 * (n + 1 - sum(t^3 - t) / (n (n - 1))) over the tied runs of length t (Lehmann 1975).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from scipy.special import ndtr


@dataclass(frozen=True)
class RankSums:
    """AUROC and two-sided p of F features in T groups: float64 [F, T]."""

    auroc: NDArray[np.float64]
    p: NDArray[np.float64]


@dataclass(frozen=True)
class UStatistics:
    """U and its null variance of F features in T groups: float64 [F, T]; ``pairs`` [T] of cells inside and outside."""

    u: NDArray[np.float64]
    pairs: NDArray[np.float64]
    variance: NDArray[np.float64]


def rank_sums(values: csc_matrix, group: NDArray[np.int64], n_groups: int) -> RankSums:
    """Each group against all other cells. ``values`` [n_cells, F] >= 0; ``group`` [n_cells] from 0 to n_groups - 1."""
    found = u_statistics(values, group, n_groups)
    distance = np.maximum(np.abs(found.u - found.pairs / 2) - 0.5, 0.0)
    z = np.divide(distance, np.sqrt(found.variance), out=np.zeros(found.u.shape), where=found.variance > 0)
    return RankSums(found.u / found.pairs, np.minimum(2 * ndtr(-z), 1.0))


def u_statistics(values: csc_matrix, group: NDArray[np.int64], n_groups: int) -> UStatistics:
    """Steps 1 to 3 and the variance of step 4, of ``rank_sums``'s arguments and at least two cells."""
    n_cells, n_features = values.shape
    inside = np.bincount(group, minlength=n_groups).astype(np.float64)
    feature = np.repeat(np.arange(n_features), np.diff(values.indptr))
    rank, ties = mid_ranks(values, feature)
    pair = feature * n_groups + group[values.indices]
    shape = (n_features, n_groups)
    active = np.bincount(pair, minlength=n_features * n_groups).reshape(shape)
    ranked = np.bincount(pair, weights=rank, minlength=n_features * n_groups).reshape(shape)
    silent_rank = (n_cells - np.diff(values.indptr) + 1) / 2
    u = ranked + (inside - active) * silent_rank[:, None] - inside * (inside + 1) / 2
    pairs = inside * (n_cells - inside)
    variance = pairs / 12 * (n_cells + 1 - ties[:, None] / (n_cells * (n_cells - 1)))
    return UStatistics(u, pairs, variance)


def ascending(values: csc_matrix) -> NDArray[np.int64]:
    """Places of the stored values, column after column, each column's values ascending: [nnz]."""
    order = np.empty(values.data.size, dtype=np.int64)
    for start, stop in zip(values.indptr[:-1], values.indptr[1:], strict=True):
        order[start:stop] = start + np.argsort(values.data[start:stop])
    return order


def mid_ranks(values: csc_matrix, feature: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rank of every stored value among its feature's cells [nnz], and sum(t^3 - t) of every feature [F].

    ``values`` [n_cells, F] > 0 where stored; ``feature`` [nnz]: the column of each.
    """
    n_cells, n_features = values.shape
    zeros = (n_cells - np.diff(values.indptr)).astype(np.float64)
    order = ascending(values)
    data = values.data[order]
    begins = np.ones(data.size, dtype=bool)
    begins[1:] = (data[1:] != data[:-1]) | (feature[1:] != feature[:-1])
    start = np.flatnonzero(begins)
    length = np.diff(np.append(start, data.size))
    first_rank = start - values.indptr[feature[start]] + zeros[feature[start]] + 1
    rank = np.empty(data.size)
    rank[order] = np.repeat(first_rank + (length - 1) / 2, length)
    runs = length.astype(np.float64)
    return rank, np.bincount(feature[start], weights=runs**3 - runs, minlength=n_features) + zeros**3 - zeros
