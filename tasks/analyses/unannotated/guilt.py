"""Guilt by association: unannotated features that share a module with annotated ones, beside what chance gives.

Of M features in modules, A carry an annotation. If any A of them did, an unannotated feature in a module of m features
would have no annotated companion with the hypergeometric probability that m - 1 draws from the M - 1 others hold none
of the A:

    E = sum over modules of  m (1 - A / M) (1 - C(M - 1 - A, m - 1) / C(M - 1, m - 1))

With few and large modules, that is nearly all of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Guilt:
    """Unannotated features in any module, those with an annotated companion, and how many to expect."""

    n_in_modules: int
    n_guilty: int
    expected: float


def guilt(module: Ints, annotated: NDArray[np.bool_]) -> Guilt:
    """Of features in modules: the ``module`` [M] of each, and whether it is ``annotated`` [M]."""
    if not len(module):
        return Guilt(0, 0, 0.0)
    _, own, size = np.unique(module, return_inverse=True, return_counts=True)
    n, n_annotated = len(module), int(annotated.sum())
    with_annotated = np.bincount(own, weights=annotated) > 0
    alone = hypergeom.pmf(0, max(n - 1, 0), min(n_annotated, n - 1), size - 1)
    expected = float((size * (1 - n_annotated / n) * (1 - alone)).sum())
    return Guilt(n - n_annotated, int((with_annotated[own] & ~annotated).sum()), expected)
