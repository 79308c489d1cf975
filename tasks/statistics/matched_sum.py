"""Whether marked items add up to more than other items like them: marks are exchanged within bins.

1. T = sum of the values of the marked items.
2. A draw marks as many items of every bin at random. Its mean is the sum over bins of marks times the bin's mean value,
   exactly; p is of the draws (``null_draws``), two-sided about that mean.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.matching import matched_by_bin
from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DIGITS = 9  # of the largest value; sums of equal values in another order are equal


class MatchedSum:
    """``observed`` T, what to ``expect``, and the ``off`` draws of their difference."""

    def __init__(self, values: Floats, marked: Ints, bins: Ints, n_draws: int, seed: list[int]) -> None:
        """``values`` [N] and ``bins`` [N] of all items, and which are ``marked`` [n]."""
        size = np.bincount(bins)
        means = np.bincount(bins, values) / np.maximum(size, 1)
        self.observed = float(values[marked].sum())
        self.expect = float(means[bins[marked]].sum())
        drawn = matched_by_bin(marked, np.arange(len(values)), bins, n_draws, seed)
        sums = values[drawn].sum(axis=1)
        scale = float(np.abs(values).max(initial=0.0)) or 1.0
        off = np.round((np.append(sums, self.observed) - self.expect) / scale, DIGITS) * scale
        self.off = NullDraws(off[-1:], off[:-1, None])

    @property
    def sd(self) -> float:
        """Standard deviation over the draws."""
        return float(self.off.sd[0])

    @property
    def p(self) -> float:
        """Two-sided; 1 where no exchange changes anything."""
        return float(self.off.p("two-sided")[0])
