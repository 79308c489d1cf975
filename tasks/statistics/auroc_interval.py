"""An interval for the AUROC of one group of cells against the others, within strata.

1. Var(A) of one stratum of n1 and n2 cells (Hanley & McNeil 1982), of exponential values, near which most others lie:
   A (1 - A) / (n1 n2) * (1 + (n1 - 1) (1 - A) / (2 - A) + (n2 - 1) A / (1 + A)).
2. A is the mean over strata with weights n1 n2 / (n1 + n2 + 1), as van Elteren weighs them, and so is its variance.
3. The bounds are the A at which the estimate lies z standard deviations away, the variance taken at the bound and not
   at the estimate (Newcombe 2006): it thus stays within 0 and 1 and has a width at an estimate of 1.

Ties, of silent cells above all, only make the true variance smaller.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
HALVINGS = 40


def auroc_interval(auroc: Floats, inside: Floats, size: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Low and high [F, T] of ``auroc`` [F, T] for groups of ``inside`` [S, T] cells in strata of ``size`` [S] cells.

    NaN where the estimate is NaN.
    """
    outside = size[:, None] - inside
    weight = inside * outside / (size[:, None] + 1)
    share = np.divide(weight, weight.sum(axis=0), out=np.zeros_like(weight), where=weight.sum(axis=0) > 0)
    each = np.divide(share**2, inside * outside, out=np.zeros_like(weight), where=inside * outside > 0)
    alone = each.sum(axis=0)
    by_others, by_own = ((each * np.maximum(n - 1, 0)).sum(axis=0) for n in (outside, inside))
    z = float(ndtri((1 + confidence) / 2))

    def far(bound: Floats) -> NDArray[np.bool_]:
        """Whether the estimate lies more than z deviations from ``bound``."""
        spread = alone + by_own * (1 - bound) / (2 - bound) + by_others * bound / (1 + bound)
        return np.asarray((auroc - bound) ** 2 > z**2 * bound * (1 - bound) * spread)

    return _root(np.zeros_like(auroc), auroc, far), _root(np.ones_like(auroc), auroc, far)


def _root(end: Floats, estimate: Floats, far: Callable[[Floats], NDArray[np.bool_]]) -> Floats:
    """The border between ``end``, which is far from the estimate, and the estimate, by halving."""
    outer, inner = end.copy(), estimate.copy()
    for _ in range(HALVINGS):
        middle = (outer + inner) / 2
        beyond = far(middle)
        outer, inner = np.where(beyond, middle, outer), np.where(beyond, inner, middle)
    return np.where(np.isnan(estimate), np.nan, inner)
