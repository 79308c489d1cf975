"""One odds ratio of several 2 x 2 tables, and whether it is 1 (Mantel & Haenszel 1959).

Of tables k with cells a, b (first row), c, d and n = a + b + c + d:

1. Odds ratio: sum_k a d / n over sum_k b c / n.
2. Test: z = sum_k (a - E a) over the root of sum_k var a, with the margins of every table fixed:
   E a = (a + b)(a + c) / n and var a = (a + b)(c + d)(a + c)(b + d) / (n^2 (n - 1)). z is near normal where what is
   counted is independent.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Cells = tuple[Floats, Floats, Floats, Floats]  # a, b, c, d: each [D, K], D sets of K tables


def odds_ratio(cells: Cells) -> Floats:
    """Step 1: [D], NaN where no table says anything against an odds ratio without bound."""
    a, b, c, d = cells
    n = np.maximum(a + b + c + d, 1.0)
    above, below = (a * d / n).sum(axis=1), (b * c / n).sum(axis=1)
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))


def excess(cells: Cells) -> tuple[Floats, Floats]:
    """Step 2: sum of a - E a, and its variance, each [D]; a table of one pair has none."""
    a, b, c, d = cells
    n = a + b + c + d
    safe = np.maximum(n, 1.0)
    beyond = np.where(n > 0, a - (a + b) * (a + c) / safe, 0.0)
    spread = np.where(n > 1, (a + b) * (c + d) * (a + c) * (b + d) / (safe**2 * np.maximum(n - 1, 1.0)), 0.0)
    return beyond.sum(axis=1), spread.sum(axis=1)


def two_sided(cells: Cells) -> Floats:
    """p [D] of step 2, without a correction for continuity; 1 where nothing varies."""
    beyond, spread = excess(cells)
    z = np.divide(np.abs(beyond), np.sqrt(spread), out=np.zeros(len(beyond)), where=spread > 0)
    return np.asarray(2 * ndtr(-z), dtype=np.float64)
