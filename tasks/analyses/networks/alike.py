"""Lists of genes like a given one, gene by gene: the null of edges within a list.

1. Genes are alike if none of their covariates (degrees, how many lists hold them; log2 of 1 + n) differ by more than
   ``caliper``. Of those, the ``k`` nearest by the largest difference can stand for a gene, the gene itself among them.
   Ties, of which small numbers have many, are broken at random, once.
2. A drawn list has one such gene in place of each, all different, every such list as likely as another. Independent
   draws are kept if all genes differ, and tried TRIES times. What is left, where a list holds most genes of a kind, is
   made from the list itself: place after place, in SWEEPS rounds, a gene is drawn and taken if it is not in the list
   yet, a chain whose long run is the same law.

A gene that is like no other, such as the factor of a thousand targets, stays: the test is then whether the others of
the list are its targets more often than genes like them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
JITTER = 1e-6
TRIES = 5
SWEEPS = 8


class AlikeGenes:
    """The genes that can stand for each of G: ``candidates`` [G, k] and how many of them count, ``n`` [G]."""

    def __init__(self, counts: Floats, k: int, caliper: float, rng: np.random.Generator) -> None:
        place = np.log2(1 + counts) + rng.uniform(-JITTER, JITTER, counts.shape)
        k = min(k, len(place))
        tree = cKDTree(place)
        found = tree.query(place, k, p=np.inf, distance_upper_bound=caliper + 2 * JITTER)[1].reshape(len(place), k)
        self.candidates = found.astype(np.int64)
        self.n = np.count_nonzero(found < len(place), axis=1)

    def draw(self, chosen: Ints, n_draws: int, rng: np.random.Generator) -> Ints:
        """``n_draws`` lists like ``chosen`` [n]: [n_draws, n], column i in place of gene i."""
        offered, n = self.candidates[chosen], self.n[chosen]
        drawn = np.empty((n_draws, chosen.size), dtype=np.int64)
        again, places = np.arange(n_draws), np.arange(chosen.size)
        for _ in range(TRIES):
            drawn[again] = offered[places, (rng.random((again.size, chosen.size)) * n).astype(np.int64)]
            ordered = np.sort(drawn[again], axis=1)
            again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
            if not again.size:
                return drawn
        drawn[again] = exchanged(chosen, offered, n, again.size, rng)
        return drawn


def exchanged(chosen: Ints, offered: Ints, n: Ints, n_draws: int, rng: np.random.Generator) -> Ints:
    """``n_draws`` ends of the chain of step 2, place i offered the first ``n[i]`` of ``offered`` [n, k]."""
    lists = np.tile(chosen, (n_draws, 1))
    for _ in range(SWEEPS):
        for place in rng.permutation(chosen.size):
            one = offered[place, (rng.random(n_draws) * n[place]).astype(np.int64)]
            free = ~(lists == one[:, None]).any(axis=1)
            lists[free, place] = one[free]
    return lists
