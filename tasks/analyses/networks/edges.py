"""Edges within lists of genes, against lists of genes that are alike.

1. e_f counts the edges of a network whose two ends are in the list of feature f.
2. Null lists are drawn gene by gene (``alike``). p = (1 + #{e* >= e_f}) / (1 + B).
3. B grows fourfold, stage by stage, from FIRST to ``max_draws``, each test on its own. A test is done once ENOUGH draws
   have reached e_f (Besag & Clifford 1991), or e_f is 0. All tests are done once those that still go on would have
   q <= RESOLVED alpha if none of their draws had reached e_f. So the smallest p, 1 / (1 + B), never decides what
   is found, unless fewer than about n_tests / (RESOLVED alpha max_draws) lists stand out.
4. q is Benjamini-Hochberg over all lists and networks, lists without an edge (p = 1) included: see ``work``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.networks.alike import AlikeGenes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FIRST, GROWTH = 100, 4
ENOUGH = 10
RESOLVED = 0.1
AT_ONCE = 4000  # lists looked up at once, which fit into the cache


@dataclass(frozen=True)
class EdgeTests:
    """Of R lists: ``n_edges``; ``expected`` and ``sd`` over draws, NaN if there are none; ``p``; draws ``n_null``."""

    n_edges: Ints
    expected: Floats
    sd: Floats
    p: Floats
    n_null: Ints


def count_edges(joined: NDArray[np.uint8], lists: Ints) -> Ints:
    """Edges within each of ``lists`` [B, n] of different genes: [B]. ``joined`` [G, G] is symmetric."""
    total = np.zeros(len(lists), dtype=np.int64)
    flat, n_genes = joined.reshape(-1), len(joined)
    for start in range(0, len(lists), AT_ONCE):
        own, part = total[start : start + AT_ONCE], np.ascontiguousarray(lists[start : start + AT_ONCE].T)
        for place in range(len(part) - 1):
            pair = part[place] * n_genes + part[place + 1 :]
            own += flat.take(pair, mode="clip").sum(axis=0, dtype=np.int64)  # "clip" skips the check of every index
    return total


class Draws:
    """The null of R lists on one network, drawn as far as each list needs."""

    def __init__(self, joined: NDArray[np.uint8], lists: Sequence[Ints], alike: AlikeGenes, seed: list[int]) -> None:
        self._joined, self._lists, self._alike, self._seed = joined, lists, alike, seed
        self.n_edges = np.array([count_edges(joined, one[None])[0] for one in lists], dtype=np.int64)
        self._n, self._reached = np.zeros((2, len(lists)), dtype=np.int64)
        self._sum, self._squares = np.zeros((2, len(lists)))

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which lists still want draws."""
        return (self.n_edges > 0) & (self._reached < ENOUGH)

    @property
    def p(self) -> Floats:
        """p so far."""
        p: Floats = np.where(self._n > 0, (1 + self._reached) / (1 + self._n), 1.0)
        return p

    def more(self, n_draws: int) -> None:
        """Draw until every open list has ``n_draws``."""
        for one in np.flatnonzero(self.open & (self._n < n_draws)).tolist():
            rng = np.random.default_rng([*self._seed, one, int(self._n[one])])
            drawn = self._alike.draw(self._lists[one], n_draws - int(self._n[one]), rng)
            edges = count_edges(self._joined, drawn)
            self._reached[one] += np.count_nonzero(edges >= self.n_edges[one])
            self._sum[one] += edges.sum()
            self._squares[one] += np.square(edges).sum()
            self._n[one] = n_draws

    def tests(self) -> EdgeTests:
        """What came of the draws."""
        n = np.where(self._n > 0, self._n, np.nan)
        mean = self._sum / n
        sd = np.sqrt(np.maximum(self._squares - n * mean**2, 0) / (n - 1))
        return EdgeTests(self.n_edges, mean, sd, self.p, self._n)


def draw_until_settled(draws: Sequence[Draws], alpha: float, max_draws: int) -> None:
    """Step 3 for the lists of all networks together."""
    n_tests = sum(one.n_edges.size for one in draws)
    n_draws = min(FIRST, max_draws)
    while True:
        for one in draws:
            one.more(n_draws)
        n_open = sum(int(one.open.sum()) for one in draws)
        if not n_open or n_draws >= max_draws or n_tests / (n_open * (1 + n_draws)) <= RESOLVED * alpha:
            return
        n_draws = min(n_draws * GROWTH, max_draws)
