"""Ranks of every feature's cells within strata, kept once for all the ways in which groups of cells are compared.

1. In each stratum s (a donor, a bin of depth) of n_s cells, the silent cells of a feature share the rank
   (zeros + 1) / 2. Only active cells are kept: their rank less that of the silent ones (``excess``), which is sparse.
2. The rank sum of a group in a stratum is the excess of its active cells and its size times the silent rank.
3. U_s = rank sum - n1 (n1 + 1) / 2 and its variance without a difference, ties corrected for:
   n1 n2 / 12 * (n_s + 1 - sum(t^3 - t) / (n_s (n_s - 1))) over tied runs of length t (Lehmann 1975).

Groups change, ranks do not: labels that are permuted within strata are compared at the cost of one sparse product.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, diags, vstack
from scipy.special import ndtr

from tasks.statistics.groups import sum_by_group
from tasks.statistics.rank_sums import RankSums, mid_ranks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StratifiedRanks:
    """``excess`` [C, F]; ``silent`` and ``ties`` [S, F]; ``stratum`` [C] from 0 to S - 1 and ``size`` [S], in cells."""

    excess: csr_matrix
    silent: Floats
    ties: Floats
    stratum: Ints
    size: Floats

    @classmethod
    def of(cls, values: csr_matrix | csc_matrix, strata: Ints) -> "StratifiedRanks":
        """Rank ``values`` [C, F] >= 0 within ``strata`` [C], any whole numbers."""
        by_cell = csr_matrix(values)
        _, stratum = np.unique(strata, return_inverse=True)
        size = np.bincount(stratum)
        shape = (size.size, by_cell.shape[1])
        silent, ties, parts, order = np.empty(shape), np.empty(shape), [], np.argsort(stratum, kind="stable")
        for number, cells in enumerate(np.split(order, np.cumsum(size)[:-1]) if order.size else []):
            own = csc_matrix(by_cell[cells])
            feature = np.repeat(np.arange(shape[1]), np.diff(own.indptr))
            rank, ties[number] = mid_ranks(own, feature)
            silent[number] = (len(cells) - np.diff(own.indptr) + 1) / 2
            excess = rank - silent[number][feature]
            parts.append(csr_matrix(csc_matrix((excess, own.indices, own.indptr), shape=own.shape)))
        back = np.empty(order.size, dtype=np.int64)
        back[order] = np.arange(order.size)
        excess_of_all = csr_matrix(vstack(parts))[back] if parts else csr_matrix(by_cell.shape)
        return cls(excess_of_all, silent, ties, stratum.astype(np.int64), size.astype(np.float64))

    def compare(self, group: Ints, n_groups: int) -> RankSums:
        """Each group against all other cells after van Elteren (``van_elteren``); ``group`` [C] from 0."""
        weight = 1 / (self.size + 1)
        inside = self._sizes(group, n_groups)
        pairs = inside * (self.size[:, None] - inside)
        u = self._u(weight, group, inside)
        weighed = (weight[:, None] * pairs).sum(axis=0)
        several = np.maximum(self.size * (self.size - 1), 1)
        spread = (self.size + 1)[:, None] - self.ties / several[:, None]
        variance = np.einsum("sf,st->ft", spread, weight[:, None] ** 2 * pairs / 12)
        distance = np.abs(u - weighed / 2)
        z = np.divide(distance, np.sqrt(variance), out=np.zeros(u.shape), where=variance > 0)
        auroc = np.divide(u, weighed, out=np.full(u.shape, np.nan), where=weighed > 0)
        auroc = np.clip(auroc, 0.0, 1.0)  # rounding gives 1 + 4e-15 to a group above all others
        return RankSums(auroc, np.minimum(2 * ndtr(-z), 1.0))

    def part(self, cells: NDArray[np.bool_]) -> "StratifiedRanks":
        """The strata of some cells [C], which must be whole: all cells of a stratum or none."""
        kept, stratum = np.unique(self.stratum[cells], return_inverse=True)
        if self.size[kept].sum() != np.count_nonzero(cells):
            raise ValueError("a part of the cells holds whole strata")
        return StratifiedRanks(
            self.excess[cells], self.silent[kept], self.ties[kept], stratum.astype(np.int64), self.size[kept]
        )

    def mean_ranks(self, unit: Ints, n_units: int) -> Floats:
        """Mean over the cells of every unit of (rank - 1/2) / n_s: [U, F], a half where a unit stands out in nothing.

        ``unit`` [C] from 0 to n_units - 1; NaN for a unit without cells.
        """
        inside = self._sizes(unit, n_units)
        scale = 1 / self.size
        of_silent = np.einsum("sf,su->uf", (self.silent - 0.5) * scale[:, None], inside)
        total = sum_by_group(diags(scale[self.stratum]) @ self.excess, unit, n_units).T + of_silent
        cells = inside.sum(axis=0)[:, None]
        mean: Floats = np.divide(total, cells, out=np.full(total.shape, np.nan), where=cells > 0)
        return mean

    def _u(self, weight: Floats, group: Ints, inside: Floats) -> Floats:
        """sum_s w_s U_s: [F, T]."""
        ranked = sum_by_group(diags(weight[self.stratum]) @ self.excess, group, inside.shape[1])
        of_silent = np.einsum("sf,st->ft", self.silent, weight[:, None] * inside)
        least: Floats = (weight[:, None] * inside * (inside + 1) / 2).sum(axis=0)
        return np.asarray(ranked + of_silent - least)

    def _sizes(self, group: Ints, n_groups: int) -> Floats:
        """Cells of every group in every stratum: [S, T]."""
        pair = self.stratum * n_groups + group
        counts = np.bincount(pair, minlength=self.size.size * n_groups)
        return np.asarray(counts.reshape(-1, n_groups), dtype=np.float64)
