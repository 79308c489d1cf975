"""Rewired networks in which every node keeps its in- and out-degree (curveball; Strona et al. 2014).

1. Two sources pool the targets that just one of them has, and are dealt them back at random, each as many as it gave.
2. With groups of targets (their layer, their decile of frequency) a trade stays within a group, so that every source
   keeps its number of edges into each.
3. Without self-loops, a target that is the other source stays where it is.

Trades are drawn among sources that can change. What the degrees alone decide is set aside first: targets of every
source, sources of every target or of none, and so on until nothing more is decided. The others are drawn half of the
time alike, half of the time by the number of their edges: among sources most of which have one edge, a pair drawn
alike seldom has anything to trade, and the null would be the observed network. The chance of a pair never changes, so
after many trades every network of equal degrees is as likely (Carstens 2015); without self-loops a directed triangle
cannot be turned round, so that this is nearly so.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
TRADES_PER_SOURCE = 20


@dataclass(frozen=True)
class Rewired:
    """``edges`` [E, 2] of a draw, sorted; ``changed`` is the share of edges that the observed network does not have."""

    edges: Ints
    changed: float


def rewire(
    edges: Ints, n_draws: int, seed: list[int], *, groups: Ints | None = None, self_loops: bool = True
) -> Iterator[Rewired]:
    """Independent draws from ``edges`` [E, 2] (source, target), each edge once; ``groups`` [1 + largest target].

    Sources and targets of different kinds share no numbers that matter unless ``self_loops`` is False. A draw makes
    20 trades for every source that can change. Raises ValueError if an edge comes twice, or if there is a
    self-loop where none may be.
    """
    if len(np.unique(edges, axis=0)) < len(edges):
        raise ValueError("an edge comes twice")
    if not self_loops and (edges[:, 0] == edges[:, 1]).any():
        raise ValueError("the network has self-loops where none may be")
    observed = set(map(tuple, edges.tolist()))
    group = np.zeros(len(edges), dtype=np.int64) if groups is None else groups[edges[:, 1]]
    parts = [_targets(edges[group == one]) for one in np.unique(group)]
    for draw in range(n_draws):
        rng = np.random.default_rng([*seed, draw])
        pairs = [pair for part in parts for pair in _traded(part, rng, self_loops)]
        changed = sum(pair not in observed for pair in pairs) / max(len(pairs), 1)
        yield Rewired(np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2), changed)


def _targets(edges: Ints) -> dict[int, set[int]]:
    """The targets of every source."""
    found: dict[int, set[int]] = {}
    for source, target in edges.tolist():
        found.setdefault(source, set()).add(target)
    return found


def _traded(part: dict[int, set[int]], rng: np.random.Generator, self_loops: bool) -> list[tuple[int, int]]:
    """The edges of one group after its trades."""
    targets = {source: set(own) for source, own in part.items()}
    degree = _free_degrees(targets)
    if len(degree) > 1:
        free = list(degree)
        dealer = Random(int(rng.integers(2**63)))  # shuffles short lists many times faster than numpy
        edges = np.array([degree[source] for source in free], dtype=np.float64)
        chance = (1 / len(free) + edges / edges.sum()) / 2
        pairs = rng.choice(len(free), (TRADES_PER_SOURCE * len(free), 2), p=chance)
        for first, second in pairs[pairs[:, 0] != pairs[:, 1]].tolist():
            _trade(targets, free[first], free[second], dealer, self_loops)
    return [(source, target) for source, own in targets.items() for target in own]


def _free_degrees(targets: dict[int, set[int]]) -> dict[int, int]:
    """Sources whose targets the degrees do not decide, and how many of their targets are not decided."""
    free = {source: set(own) for source, own in targets.items()}
    while True:
        held = Counter(target for own in free.values() for target in own)
        common = {target for target, n in held.items() if n == len(free)}
        left = {source: own - common for source, own in free.items()}
        left = {source: own for source, own in left.items() if 0 < len(own) < len(held) - len(common)}
        if left == free:
            return {source: len(own) for source, own in free.items()}
        free = left


def _trade(targets: dict[int, set[int]], a: int, b: int, dealer: Random, self_loops: bool) -> None:
    gives, takes = targets[a] - targets[b], targets[b] - targets[a]
    if not self_loops:
        gives, takes = gives - {b}, takes - {a}
    if not gives or not takes:
        return
    pool = sorted(gives | takes)
    dealer.shuffle(pool)
    targets[a] = targets[a] - gives | set(pool[: len(gives)])
    targets[b] = targets[b] - takes | set(pool[len(gives) :])
