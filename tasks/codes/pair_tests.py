"""Which features fire together more often than their genes alone let them: every pair tested, in closed form.

1. The positions of a gene (of a gene in cells of one label) are exchangeable under the null: which cells a feature
   fires in, given the gene, has nothing to do with which cells another fires in. Joint firings then have known
   cumulants (``statistics.association``).
2. z is the distance from the expected number in standard deviations. p is the upper tail of a sum of Bernoulli
   variables with these cumulants (``statistics.bernoulli_tails``): the normal law calls pairs at 1e-6 that are not
   rarer than 1e-4, and the millions of pairs of a layer are decided there.
3. q is Benjamini-Hochberg over all pairs, those with few joint firings included.
4. The strength of a pair is (n - expected) / sqrt(V_i V_j), V_i the variance of a feature's firing within genes: the
   correlation of the two features given the gene.

Two features that follow the same cells are found; two that merely fire on the same genes are not.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tasks.activations.reader import ActivationReader
from tasks.cells.doubtful import UNLABELLED
from tasks.cells.reader import CellsReader
from tasks.statistics import benjamini_hochberg
from tasks.statistics.association import Cumulants, joint_cumulants, spread
from tasks.statistics.bernoulli_tails import LEAST_Z, upper_tail
from tasks.store import RequestError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROWS_AT_ONCE = 256
BYTES_PER_PAIR = 40  # four cumulants, a rounded copy, the joint firings


@dataclass(frozen=True)
class Strata:
    """The stratum of every position, int64 [N], and the number of positions in each, int64 [S]."""

    of_position: Ints
    size: Ints


@dataclass(frozen=True)
class Association:
    """Pairs of A features with B: ``both`` [A, B] joint firings and their cumulants under the null.

    ``fires`` and ``spread``: firings and their variance within strata of the features on either side, [A] and [B].
    ``within``: both sides are the same features, and only pairs of one with a later one count.
    """

    both: Ints
    null: Cumulants
    fires: tuple[Ints, Ints]
    spread: tuple[Floats, Floats]
    within: bool

    @property
    def n_tests(self) -> int:
        """How many pairs there are."""
        n_first, n_second = self.both.shape
        return int(n_first * (n_first - 1) // 2 if self.within else n_first * n_second)

    def z(self, first: Ints, second: Ints) -> Floats:
        """Distance from the expected number in standard deviations, 0 where the number cannot vary; of pairs [m]."""
        sd = np.sqrt(np.maximum(self.null.variance[first, second], 0.0))
        excess = self.both[first, second] - self.null.mean[first, second]
        return np.divide(excess, sd, out=np.zeros(first.size), where=sd > 0)

    def strength(self, first: Ints, second: Ints) -> Floats:
        """Step 4, of pairs [m]; 0 where a feature always fires on its genes."""
        scale = np.sqrt(self.spread[0][first] * self.spread[1][second])
        excess = self.both[first, second] - self.null.mean[first, second]
        return np.divide(excess, scale, out=np.zeros(first.size), where=scale > 0)

    def pmi(self, first: Ints, second: Ints, n_positions: int) -> Floats:
        """Pointwise mutual information in bits, over all ``n_positions``; of pairs [m] that fire together."""
        chance = self.fires[0][first] * (self.fires[1][second] / n_positions)
        found: Floats = np.log2(self.both[first, second] / chance)
        return found


@dataclass(frozen=True)
class Significant:
    """Pairs with q <= alpha: ``first``, ``second`` int64 [m] and ``q`` [m], in ascending order of the pair."""

    first: Ints
    second: Ints
    q: Floats


def read_strata(activations: Path, cells: Path | None = None) -> Strata:
    """Genes as strata, or genes by the label of the cell if ``cells`` are given.

    Raises RequestError if the cells bear no label.
    """
    index = ActivationReader(activations).index()
    _, stratum = np.unique(index.token, return_inverse=True)
    if cells is not None:
        frame = CellsReader(cells).cells()
        labels = frame["label"].fill_null(UNLABELLED)
        if labels.n_unique() < 2:
            raise RequestError("cells bear no labels, or all the same one: test given the gene alone (given_gene)")
        _, label = np.unique(labels.to_numpy(), return_inverse=True)
        of_position = label[np.searchsorted(frame["cell_id"].to_numpy(), index.cell_id)]
        _, stratum = np.unique(stratum * (label.max() + 1) + of_position, return_inverse=True)
    return Strata(stratum.astype(np.int64), np.bincount(stratum))


def associate(both: Ints, first: NDArray[np.uint32], second: NDArray[np.uint32], size: Ints) -> Association:
    """The null of joint firings ``both`` [A, B] of features that fire ``first`` [A, S] and ``second`` [B, S] times.

    Pairs within a layer are meant if ``second`` is the array ``first``. Mean and variance are kept to 24 bits: what
    comes after those of a product depends on the machine.
    """
    null = joint_cumulants(first, second, size)
    for one in (null.mean, null.variance):
        one[...] = one.astype(np.float32)
    within = second is first
    fires = tuple(counts.sum(axis=1, dtype=np.int64) for counts in (first, second))
    spreads = spread(first, size), spread(second, size)
    return Association(both, null, (fires[0], fires[1]), spreads, within)


def significant_pairs(found: Association, alpha: float) -> Significant:
    """Step 3: pairs that fire together more often than expected, at a false discovery rate of ``alpha``.

    p above alpha cannot be rejected, nor help another to be, so it is not kept.
    """
    parts = [_candidates(found, low, alpha) for low in range(0, len(found.both), ROWS_AT_ONCE)]
    first, second, p = (np.concatenate([part[i] for part in parts]) if parts else np.empty(0) for i in range(3))
    q = benjamini_hochberg(p, found.n_tests)
    kept = q <= alpha
    return Significant(first[kept].astype(np.int64), second[kept].astype(np.int64), q[kept])


def strongest_pairs(found: Association, alpha: float, most: int) -> tuple[Significant, int]:
    """At most ``most`` significant pairs (of smallest q, then of largest z), and how many there are in all."""
    every = significant_pairs(found, alpha)
    if every.q.size <= most:
        return every, every.q.size
    best = np.sort(np.lexsort((-found.z(every.first, every.second), every.q))[:most])
    return Significant(every.first[best], every.second[best], every.q[best]), every.q.size


def _candidates(found: Association, low: int, alpha: float) -> tuple[Ints, Ints, Floats]:
    """Pairs of some rows with p <= alpha, and p."""
    rows = slice(low, low + ROWS_AT_ONCE)
    both, null = found.both[rows], found.null
    excess = both - null.mean[rows]
    far = (both > 0) & (excess > 0) & (excess * excess >= LEAST_Z**2 * null.variance[rows])
    if found.within:
        far &= np.arange(both.shape[1]) > np.arange(low, low + len(both))[:, None]
    row, column = np.nonzero(far)
    every = (null.mean, null.variance, null.third, null.fourth)
    cumulants = (one[rows][row, column].astype(np.float64) for one in every)
    p = upper_tail(both[row, column].astype(np.float64), *cumulants)
    kept = p <= alpha
    return row[kept] + low, column[kept], p[kept]
