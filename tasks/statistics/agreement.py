"""How well two ways to split n items in two agree: F1, and mutual information adjusted for chance.

Of n items, ``marked`` carry a label and ``drawn`` are called; ``both`` are both.

1. MI = sum over the four cells of n_ij / n log(n n_ij / (a_i b_j)), and H the entropies of the two splits.
2. E[MI] = the mean of MI over all splits with the same margins, ``both`` hypergeometric.
3. AMI = (MI - E[MI]) / ((H_label + H_called) / 2 - E[MI]) (Vinh, Epps & Bailey 2010): 0 by chance, 1 in agreement.
   Where either split is trivial nothing can agree: 0 (two trivial splits, which are equal, have 1).
4. F1 = 2 both / (marked + drawn); 0 where there is neither.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from tasks.statistics.overlap_law import hypergeometric_law

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BLOCK = 1 << 22  # entries of a table that are computed at once


class Agreement:
    """AMI of the splits of ``n`` items of which ``marked`` carry a label, for any call; tables are kept.

    ``drawn`` [K]: the numbers of called items that will be asked for.
    """

    def __init__(self, n: int, marked: int, drawn: Ints) -> None:
        self._drawn = np.unique(drawn)
        rows = max(1, BLOCK // (marked + 1))
        parts = [_table(n, marked, self._drawn[i : i + rows]) for i in range(0, self._drawn.size, rows)]
        self._ami = np.concatenate(parts) if parts else np.empty((0, marked + 1))

    def every(self, drawn: Ints) -> Floats:
        """AMI for every number of items that are both, from 0 to ``marked``: [K, marked + 1]; NaN if impossible."""
        return self._ami[np.searchsorted(self._drawn, drawn)]

    def of(self, both: Ints, drawn: Ints) -> Floats:
        """AMI where ``both`` of ``drawn`` called items are marked, element by element."""
        found: Floats = self._ami[np.searchsorted(self._drawn, drawn), both]
        return found


def f1(both: Ints | Floats, marked: int, drawn: Ints) -> Floats:
    """Step 4, element by element."""
    total = np.asarray(marked + drawn, dtype=np.float64)
    return np.divide(2.0 * both, total, out=np.zeros(np.broadcast(both, total).shape), where=total > 0)


def _table(n: int, marked: int, drawn: Ints) -> Floats:
    both, called = np.arange(marked + 1)[None].astype(np.float64), drawn[:, None].astype(np.float64)
    law = hypergeometric_law(n, marked, drawn)
    information = np.where(law > 0, _information(both, called, marked, n), 0.0)
    expected = (law * information).sum(axis=1, keepdims=True)
    spread = (_entropy(np.array([[marked]], dtype=np.float64), n) + _entropy(called, n)) / 2
    tiny = np.finfo(np.float64).eps
    room = spread - expected
    ami = (information - expected) / np.where(room < 0, np.minimum(room, -tiny), np.maximum(room, tiny))
    whole_called, whole_marked = (drawn == 0) | (drawn == n), marked in (0, n)
    trivial = whole_called[:, None] | whole_marked
    ami = np.where(trivial, float(whole_marked) * whole_called[:, None], ami)
    possible = (both <= called) & (called - both <= n - marked)
    return np.where(possible, ami, np.nan)


def _information(both: Floats, called: Floats, marked: int, n: int) -> Floats:
    cells = ((both, marked, called), (called - both, n - marked, called), (marked - both, marked, n - called))
    total = np.zeros(np.broadcast(both, called).shape)
    for cell, a, b in (*cells, (n - marked - called + both, n - marked, n - called)):
        count = np.maximum(cell, 0.0)
        margins = np.maximum(a * np.asarray(b, dtype=np.float64), 1.0)
        total += xlogy(count / n, np.maximum(count, 1.0) * n / margins)
    return total


def _entropy(size: Floats, n: int) -> Floats:
    share = size / n
    found: Floats = -(xlogy(share, share) + xlogy(1 - share, 1 - share))
    return found
