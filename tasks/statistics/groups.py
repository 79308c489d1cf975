"""Sums and fold changes of features over groups of cells."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

Floats = NDArray[np.float64]
FOLD_FLOOR = 0.01  # of the feature's mean; keeps the fold finite where one side is silent


def sum_by_group(values: csr_matrix | csc_matrix, group: NDArray[np.int64], n_groups: int) -> Floats:
    """Sums over the cells of each group: sparse [C, F] and ``group`` [C] -> [F, T]."""
    belongs = csr_matrix((np.ones(group.size), (np.arange(group.size), group)), shape=(group.size, n_groups))
    sums: Floats = (values.T @ belongs).toarray()
    return sums


def log_fold(inside: Floats, outside: Floats, total: Floats, n_cells: int) -> Floats:
    """log2((inside + e) / (outside + e)) of means [F, T], e a hundredth of the feature's mean over all cells.

    ``total`` [F, 1] is the sum over the ``n_cells``; 0 for a feature that is silent.
    """
    floor = FOLD_FLOOR * total / max(n_cells, 1)
    ratio = np.divide(inside + floor, outside + floor, out=np.ones_like(inside), where=floor > 0)
    folds: Floats = np.log2(ratio)
    return folds
