"""The best partner of every direction of one dictionary in another.

1. c_ij = <w_i, w_j>, a block of rows at a time in single precision; each row and each column keeps its largest, ties
   to the lower number.
2. The cosines that are kept are computed again in double precision.
3. i and j are mutual if each is the other's best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 1024  # rows whose cosines with all others are held at once
SEARCH_DECIMALS = 6  # the last digits of a product depend on the number of threads
COSINE_DECIMALS = 9


@dataclass(frozen=True)
class Best:
    """For each of n directions: its ``partner`` int64 [n], the ``cosine`` float64 [n], and whether it is mutual [n]."""

    partner: NDArray[np.int64]
    cosine: NDArray[np.float64]
    mutual: NDArray[np.bool_]


def best_partners(unit: NDArray[np.float32], others: NDArray[np.float32], *, unsigned: bool = False) -> Best:
    """Partners of ``unit`` [n, d] among ``others`` [m, d], m > 0, both of unit norm; by |c| if ``unsigned``."""
    partner = np.empty(len(unit), dtype=np.int64)
    of_column, column_best = np.zeros(len(others), dtype=np.int64), np.full(len(others), -np.inf, dtype=np.float32)
    for start in range(0, len(unit), BLOCK):
        found = unit[start : start + BLOCK] @ others.T
        found = np.round(np.abs(found) if unsigned else found, SEARCH_DECIMALS)
        partner[start : start + BLOCK] = found.argmax(axis=1)
        largest = found.max(axis=0)
        better = largest > column_best
        of_column[better] = start + found[:, better].argmax(axis=0)
        column_best[better] = largest[better]
    cosine = np.einsum("nd,nd->n", unit.astype(np.float64), others[partner].astype(np.float64))
    cosine = np.clip(np.abs(cosine) if unsigned else cosine, -1.0, 1.0).round(COSINE_DECIMALS)
    return Best(partner, cosine, of_column[partner] == np.arange(len(unit)))
