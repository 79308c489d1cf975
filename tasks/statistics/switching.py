"""Undirected networks rewired at random, every node keeping its degree: edges switch their ends.

1. All edges are paired off at random, each turned round or not: (a, b) and (c, d) propose (a, d) and (c, b).
2. A pair of edges switches unless a proposal joins a node to itself, is an edge already, or is an edge or a proposal of
   another pair. These conditions read the same from the network that comes after, so that every step is as likely as
   the step back, and after many rounds every network without double edges is as likely as another (Maslov & Sneppen
   2002; Fosdick et al. 2018).

Directed networks have ``rewiring``: it keeps in- and out-degrees, which mean nothing here.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.rewiring import Rewired

Ints = NDArray[np.int64]
ROUNDS = 40


def switch_edges(edges: Ints, n_nodes: int, n_draws: int, seed: list[int]) -> Iterator[Rewired]:
    """Independent draws from undirected ``edges`` [E, 2], each once, of nodes 0 to ``n_nodes`` - 1; [a, b] has a < b.

    Takes two bytes per pair of nodes. Raises ValueError if an edge comes twice, or joins a node to itself.
    """
    observed = np.sort(edges, axis=1)
    if len(np.unique(observed, axis=0)) < len(observed) or np.any(observed[:, 0] == observed[:, 1]):
        raise ValueError("an edge comes twice, or joins a node to itself")
    was = observed[:, 0] * n_nodes + observed[:, 1]
    for draw in range(n_draws):
        rng = np.random.default_rng([*seed, draw])
        ends, claimed = observed.copy(), np.zeros(n_nodes * n_nodes, dtype=np.uint16)
        for _ in range(ROUNDS):
            _switch(ends, claimed, n_nodes, rng)
        found = np.sort(ends, axis=1)
        now = found[:, 0] * n_nodes + found[:, 1]
        yield Rewired(found[np.argsort(now)], float(1 - np.isin(now, was).mean()) if len(now) else 0.0)


def _switch(ends: Ints, claimed: NDArray[np.uint16], n_nodes: int, rng: np.random.Generator) -> None:
    """One round, in place. ``claimed`` [n_nodes^2] counts, within the round, who has or proposes an edge."""
    order = rng.permutation(len(ends))
    half = len(ends) // 2
    one, other = order[:half], order[half : 2 * half]
    a, b = ends[one].T
    turned = rng.random(half) < 0.5
    c, d = np.where(turned, ends[other].T[::-1], ends[other].T)
    proposals = [_key(a, d, n_nodes), _key(c, b, n_nodes)]
    keys = [_key(ends[:, 0], ends[:, 1], n_nodes), *proposals]
    for key in keys:
        np.add.at(claimed, key, np.uint16(1))
    free = (a != d) & (c != b)
    for key in (*proposals, keys[0][one], keys[0][other]):
        free &= claimed[key] == 1
    for key in keys:
        claimed[key] = 0
    ends[one[free]] = np.column_stack([a, d])[free]
    ends[other[free]] = np.column_stack([c, b])[free]


def _key(first: Ints, second: Ints, n_nodes: int) -> Ints:
    key: Ints = np.minimum(first, second) * n_nodes + np.maximum(first, second)
    return key
