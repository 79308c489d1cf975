"""Clusters of features that share genes, held against random lists.

1. Two features are joined, with weight J, if J is above ``percentile`` of all pairs of random lists: lists of the same
   lengths and weights, their genes drawn by how often the lists hold them. Of many features, chance would join each to
   several at any fixed percentile, and all of them into one heap; the percentile is raised until it joins a feature to
   CHANCE_NEIGHBOURS others on average, at most.
2. Leiden (Traag et al. 2019, doi:10.1038/s41598-019-41695-z) on the Reichardt-Bornholdt configuration objective.
   Communities of at least three features are clusters.
3. Strength of a cluster: the weights of its joined pairs, added up, over its members. Chance makes clusters, too:
   loose ones.
4. B draws of random lists are clustered in the same way. For a cluster of strength s,

       q(s) = (1 + number of random clusters as strong, all draws) / (1 + B) / number of real clusters as strong

   is the share that chance would give; no stronger cluster has a larger q. If chance is all there is, the strongest
   clusters of the real lists and of the draws are alike, and any has q <= alpha with probability alpha at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.unannotated.likeness import common_weight, random_weights, weighted_jaccard
from tasks.statistics.communities import SMALLEST, by_size, single_run, weighted_graph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHANCE_NEIGHBOURS = 0.2
ENOUGH_PAIRS = 1_000_000  # of random lists, behind the percentile
TIE = 1e-9


@dataclass(frozen=True)
class Joined:
    """Pairs ``first`` < ``second`` int64 [E] of ``n`` features, and the ``weight`` of each, float64 [E]."""

    n: int
    first: Ints
    second: Ints
    weight: Floats


@dataclass(frozen=True)
class Clusters:
    """Members of each cluster, ascending, the largest cluster first; ``strength`` and ``q`` of each.

    ``null_size``: members of the largest cluster of random lists, on average.
    """

    members: list[list[int]]
    strength: Floats
    q: Floats
    null_size: float

    def strong(self, alpha: float) -> "Clusters":
        """Those with q <= alpha."""
        kept = np.flatnonzero(self.q <= alpha)
        return Clusters([self.members[one] for one in kept], self.strength[kept], self.q[kept], self.null_size)


def join(likeness: Floats, least: float, *, strictly: bool) -> Joined:
    """Pairs of ``likeness`` [U, U] above ``least``, or from it on."""
    first, second = np.nonzero(likeness > least if strictly else likeness >= least)
    upper = first < second
    first, second = first[upper], second[upper]
    return Joined(len(likeness), first, second, likeness[first, second])


def communities(joined: Joined, resolution: float, seed: int) -> list[list[int]]:
    """Step 2: members of every cluster, largest cluster first, ties by the first member."""
    graph = weighted_graph(joined.n, np.column_stack([joined.first, joined.second]), joined.weight)
    return by_size(single_run(graph, resolution, seed))


def strengths(joined: Joined, clusters: Sequence[Sequence[int]]) -> Floats:
    """Step 3 for each of the clusters."""
    of = np.full(joined.n, -1, dtype=np.int64)
    for number, own in enumerate(clusters):
        of[own] = number
    within = (of[joined.first] == of[joined.second]) & (of[joined.first] >= 0)
    total = np.bincount(of[joined.first[within]], weights=joined.weight[within], minlength=len(clusters))
    return total / np.maximum([len(own) for own in clusters], 1)


def find_clusters(weights: csr_matrix, percentile: float, resolution: float, n_draws: int, seed: int) -> Clusters:
    """Clusters of lists ``weights`` [U, G] whose rows add up to 1, with q. Needs about 24 U^2 bytes."""
    if weights.shape[0] < SMALLEST:
        return Clusters([], np.empty(0), np.empty(0), 0.0)
    least = null_threshold(weights, percentile, n_draws, seed)
    members, strength = _clustered(weights, least, resolution, seed)
    drawn = [_clustered(_draw(weights, draw, seed), least, resolution, seed) for draw in range(n_draws)]
    largest = [max(map(len, found), default=0) for found, _ in drawn]
    return Clusters(members, strength, cluster_q(strength, [own for _, own in drawn]), float(np.mean(largest)))


def null_threshold(weights: csr_matrix, percentile: float, n_draws: int, seed: int) -> float:
    """Step 1: the m that so few pairs of random lists exceed, over as many draws as give ENOUGH_PAIRS."""
    n = weights.shape[0]
    share = min(1 - percentile / 100, CHANCE_NEIGHBOURS / (n - 1))
    draws = range(min(n_draws, -(-ENOUGH_PAIRS // (n * (n - 1) // 2))))
    entries = np.concatenate([common_weight(_draw(weights, draw, seed)).ravel() for draw in draws])
    place = int(share * n * (n - 1) * len(draws))  # of all entries, where each pair stands twice
    return float(np.partition(entries, entries.size - 1 - place)[entries.size - 1 - place])


def cluster_q(strength: Floats, drawn: Sequence[Floats]) -> Floats:
    """Step 4: q of clusters of ``strength`` [K], beside those of every draw."""
    random, own = np.sort(np.concatenate([np.empty(0), *drawn])), np.sort(strength)
    reached = strength * (1 - TIE)
    as_strong = len(random) - np.searchsorted(random, reached)
    real = len(own) - np.searchsorted(own, reached)
    q = np.minimum((1 + as_strong) / (1 + len(drawn)) / np.maximum(real, 1), 1.0)
    order = np.argsort(strength, kind="stable")
    q[order] = np.minimum.accumulate(q[order])
    return q


def _draw(weights: csr_matrix, draw: int, seed: int) -> csr_matrix:
    return random_weights(weights, np.random.default_rng([seed, draw]))


def _clustered(weights: csr_matrix, least: float, resolution: float, seed: int) -> tuple[list[list[int]], Floats]:
    common = join(common_weight(weights), least, strictly=True)
    joined = Joined(common.n, common.first, common.second, weighted_jaccard(common.weight))
    members = communities(joined, resolution, seed)
    return members, strengths(joined, members)
