"""How much more active a feature is in the cells of a label: log2 fold of means, pseudobulk where there are donors.

1. Without donors: mean over the cells with the label, and over the other labelled cells.
2. With donors: each donor's mean over its cells with the label and over its others; then the mean over the donors
   that have both. If there is none, over donors with the label and donors without.
3. log2((in + e) / (out + e)), e a hundredth of the feature's mean over all compared cells.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.statistics.groups import log_fold, sum_by_group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def log_folds(values: csr_matrix, code: Ints, n_labels: int, donor: Ints | None) -> Floats:
    """log2 folds [F, T] of ``values`` [n, F] >= 0 with labels ``code`` [n]; 0 for a feature that is silent."""
    own = np.zeros(code.size, dtype=np.int64) if donor is None else donor
    shape = (values.shape[1], n_labels)
    both = {side: np.zeros(shape) for side in ("in", "out")}
    apart = {side: np.zeros(shape) for side in ("in", "out")}
    n_both, n_apart = np.zeros(n_labels), {side: np.zeros(n_labels) for side in ("in", "out")}
    for one in np.unique(own):
        cells = own == one
        sizes = np.bincount(code[cells], minlength=n_labels).astype(np.float64)
        inside = sum_by_group(values[cells], code[cells], n_labels)
        rest = sizes.sum() - sizes
        means = {"in": inside / np.maximum(sizes, 1), "out": (_total(inside) - inside) / np.maximum(rest, 1)}
        compares = (sizes > 0) & (rest > 0)
        n_both += compares
        for side, here in (("in", sizes > 0), ("out", rest > 0)):
            both[side] += means[side] * compares
            apart[side] += means[side] * here
            n_apart[side] += here
    mean = {
        side: np.where(n_both > 0, both[side] / np.maximum(n_both, 1), apart[side] / np.maximum(n_apart[side], 1))
        for side in ("in", "out")
    }
    total = np.asarray(values.sum(axis=0), dtype=np.float64).reshape(-1, 1)
    return log_fold(mean["in"], mean["out"], total, code.size)


def _total(inside: Floats) -> Floats:
    return np.asarray(inside.sum(axis=1, keepdims=True))
