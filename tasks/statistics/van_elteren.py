"""The Wilcoxon test within strata (van Elteren 1960), of every feature against every group of cells.

1. In each stratum s (a donor, a bin of depth), U_s of a group's cells against the other cells of that stratum.
2. Strata weigh 1 / (n_s + 1), n_s cells in the stratum, which is best where a shift is alike in all of them.
3. z = sum_s (U_s - n1 n2 / 2) / (n_s + 1) over the root of sum_s var(U_s) / (n_s + 1)^2, ties corrected for in each
   stratum; two-sided p by the normal approximation, without a correction for continuity.
4. AUROC = sum_s U_s / (n_s + 1) over sum_s n1 n2 / (n_s + 1): the chance that a cell of the group has the larger
   value, of two cells of one stratum.

A stratum without cells of the group, or with no others, says nothing and weighs nothing.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix
from scipy.special import ndtr

from tasks.statistics.rank_sums import RankSums, u_statistics


def van_elteren(values: csc_matrix, group: NDArray[np.int64], n_groups: int, strata: NDArray[np.int64]) -> RankSums:
    """Each group against all other cells, within ``strata`` [n_cells].

    ``values`` [n_cells, F] >= 0 and sparse; ``group`` [n_cells] from 0 to n_groups - 1. AUROC is NaN and p is 1 where
    no stratum compares anything.
    """
    shape = (values.shape[1], n_groups)
    distance, variance, u = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    pairs = np.zeros(n_groups)
    by_cell = csr_matrix(values)
    for one in np.unique(strata):
        cells = np.flatnonzero(strata == one)
        if len(cells) < 2:
            continue
        weight = 1 / (len(cells) + 1)
        found = u_statistics(csc_matrix(by_cell[cells]), group[cells], n_groups)
        distance += weight * (found.u - found.pairs / 2)
        variance += weight**2 * found.variance
        u, pairs = u + weight * found.u, pairs + weight * found.pairs
    z = np.divide(np.abs(distance), np.sqrt(variance), out=np.zeros(shape), where=variance > 0)
    auroc = np.divide(u, pairs, out=np.full(shape, np.nan), where=pairs > 0)
    return RankSums(auroc, np.minimum(2 * ndtr(-z), 1.0))
