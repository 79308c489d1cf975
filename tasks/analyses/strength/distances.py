"""How far a knock-down moves cells: the energy distance between equally many perturbed and control cells.

1. n perturbed cells are drawn, and for each a control cell of its line and batch, none twice: pairs (x_i, y_i). More
   cells of a batch than it has control cells are not drawn.
2. A cell is its log1p of counts per 10,000, the gene that was switched off left out of counts and totals; d is the
   Euclidean distance.
3. E = sum over i != j of m_ij / (n (n - 1)), m_ij = d(x_i, y_j) + d(y_i, x_j) - d(x_i, x_j) - d(y_i, y_j) (Szekely &
   Rizzo 2013). Cells of one batch meet equally often in all four terms, so that without a shift the mean of E is 0,
   however many cells and batches there are. Its spread does depend on n: n is one for all perturbations.
4. Swapping x_i and y_i turns a sign: E(s) = sum of s_i s_j m_ij / (n (n - 1)). Random signs give sd and p (one-sided).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cdist

from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SCALE = 10_000.0


@dataclass(frozen=True)
class Distance:
    """Step 3 and 4: ``distance`` E, ``sd`` and ``p`` of swaps."""

    distance: float
    sd: float
    p: float


def n_usable(perturbed: Ints, control: Ints) -> int:
    """How many perturbed cells can have a control cell of their own, given the strata of both."""
    size = int(max(perturbed.max(initial=-1), control.max(initial=-1))) + 1
    return int(np.minimum(np.bincount(perturbed, minlength=size), np.bincount(control, minlength=size)).sum())


def draw_pairs(perturbed: Ints, control: Ints, stratum: Ints, n: int, seed: list[int]) -> tuple[Ints, Ints]:
    """Step 1: rows of ``n`` perturbed cells and of their control cells, among rows ``perturbed`` and ``control``.

    ``stratum`` is that of every row; at least ``n`` cells are usable.
    """
    rng = np.random.default_rng(seed)
    own, other = rng.permutation(perturbed), rng.permutation(control)
    usable = [own[stratum[own] == one][: int((stratum[other] == one).sum())] for one in np.unique(stratum[own])]
    drawn = rng.permutation(np.concatenate(usable))[:n]
    drawn = drawn[np.argsort(stratum[drawn], kind="stable")]
    strata, counts = np.unique(stratum[drawn], return_counts=True)
    pairs = [other[stratum[other] == one][:count] for one, count in zip(strata, counts, strict=True)]
    return drawn, np.concatenate(pairs)


def states(counts: csr_matrix, without: Sequence[int]) -> Floats:
    """Step 2: of ``counts`` [n, G], but for the columns ``without``."""
    dense = counts.toarray().astype(np.float64)
    dense[:, list(without)] = 0.0
    total = np.maximum(dense.sum(axis=1, keepdims=True), 1.0)
    found: Floats = np.log1p(dense * (SCALE / total))
    return found


def energy_distance(x: Floats, y: Floats, n_swaps: int, seed: list[int]) -> Distance:
    """Steps 3 and 4, of states [n, G] of perturbed cells and of their control cells."""
    n = len(x)
    crossed = cdist(x, y)
    m = crossed + crossed.T - cdist(x, x) - cdist(y, y)
    np.fill_diagonal(m, 0.0)
    signs = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), (n_swaps, n))
    drawn = ((signs @ m) * signs).sum(axis=1) / (n * (n - 1))
    found = NullDraws(np.array([m.sum() / (n * (n - 1))]), drawn[:, None])
    return Distance(float(found.observed[0]), float(found.sd[0]), float(found.p()[0]))
