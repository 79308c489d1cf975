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
from scipy.sparse import csc_matrix

from tasks.statistics.rank_sums import RankSums
from tasks.statistics.stratified_ranks import StratifiedRanks


def van_elteren(values: csc_matrix, group: NDArray[np.int64], n_groups: int, strata: NDArray[np.int64]) -> RankSums:
    """Each group against all other cells, within ``strata`` [n_cells].

    ``values`` [n_cells, F] >= 0 and sparse; ``group`` [n_cells] from 0 to n_groups - 1. AUROC is NaN and p is 1 where
    no stratum compares anything.
    """
    return StratifiedRanks.of(values, strata).compare(group, n_groups)
