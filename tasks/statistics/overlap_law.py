"""How many marked items a draw holds if items are drawn at random within strata: an exact law, without permutations.

1. In stratum s, ``drawn_s`` of ``size_s`` items are drawn, ``marked_s`` of which are marked: the hypergeometric law.
2. Strata are independent, so the law of the sum over strata is the convolution of theirs.

Labels permuted within strata keep every margin of the table of labels and draws, so whatever is computed from such a
2 x 2 table has the law of this one number: its p, mean and deviation over *all* permutations follow.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def hypergeometric_law(size: int, marked: int, drawn: Ints) -> Floats:
    """P(X = k) of marked items among ``drawn`` [K] of ``size``, for k from 0 to ``marked``: [K, marked + 1]."""
    k, n = np.arange(marked + 1)[None], drawn[:, None].astype(np.float64)
    rest = size - marked
    possible = (k <= n) & (n - k <= rest)
    inside = np.where(possible, k, np.maximum(n - rest, 0))  # any possible number: its probability is not used
    log_p = _log_choose(marked, inside) + _log_choose(rest, n - inside) - _log_choose(size, n)
    return np.where(possible, np.exp(log_p), 0.0)


def overlap_law(size: Ints, marked: Ints, drawn: Ints) -> Floats:
    """P(X = k) over all strata for k from 0 to ``marked.sum()``: [F, marked.sum() + 1].

    ``size`` and ``marked`` [S] are those of strata, ``drawn`` [F, S] what each of F draws takes of them.
    """
    law = np.ones((len(drawn), 1))
    for stratum in np.flatnonzero(marked):
        distinct, place = np.unique(drawn[:, stratum], return_inverse=True)
        own = hypergeometric_law(int(size[stratum]), int(marked[stratum]), distinct)[place.reshape(-1)]
        longer = np.zeros((len(law), law.shape[1] + own.shape[1] - 1))
        for k in range(own.shape[1]):
            longer[:, k : k + law.shape[1]] += law * own[:, k : k + 1]
        law = longer
    return law


def upper_tail(law: Floats) -> Floats:
    """P(X >= k) of laws [F, K]."""
    tail: Floats = np.minimum(np.cumsum(law[:, ::-1], axis=1)[:, ::-1], 1.0)
    return tail


def _log_choose(n: float, k: Floats) -> Floats:
    found: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return found
