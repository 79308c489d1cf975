"""Rewired networks: degrees stay, and every network with these degrees is as likely, by enumeration."""

from collections import Counter
from itertools import combinations, product

import numpy as np
import pytest

from tasks.statistics.rewiring import rewire


def degrees(edges):
    return Counter(edges[:, 0].tolist()), Counter(edges[:, 1].tolist())


def every_network(edges, self_loops=True):
    """All edge lists with the degrees of ``edges``, by brute force."""
    out, into = degrees(edges)
    choices = [combinations(sorted(into), out[source]) for source in sorted(out)]
    found = set()
    for targets in product(*choices):
        pairs = [(s, t) for s, own in zip(sorted(out), targets, strict=True) for t in own]
        if Counter(t for _, t in pairs) == into and (self_loops or all(s != t for s, t in pairs)):
            found.add(tuple(pairs))
    return found


EDGES = np.array([(0, 10), (0, 11), (0, 12), (1, 10), (1, 13), (2, 11), (3, 10), (3, 12)])
DIRECTED = np.array([(0, 1), (0, 2), (1, 3), (2, 0), (2, 3), (3, 1), (3, 0)])


@pytest.mark.parametrize(("edges", "self_loops"), [(EDGES, True), (DIRECTED, False)])
def test_every_network_of_equal_degrees_is_as_likely(edges, self_loops):
    every = every_network(edges, self_loops)
    draws = list(rewire(edges, 3000, [0], self_loops=self_loops))
    counts = Counter(tuple(map(tuple, one.edges.tolist())) for one in draws)
    assert set(counts) == every
    expected = 3000 / len(every)
    chi2 = sum((counts[one] - expected) ** 2 / expected for one in every)
    assert chi2 < len(every) - 1 + 4 * np.sqrt(2 * (len(every) - 1))


def test_degrees_stay_and_the_network_moves():
    rng = np.random.default_rng(1)
    edges = np.argwhere(rng.random((40, 60)) < rng.random(60) * 0.4)
    draws = list(rewire(edges, 5, [2]))
    for one in draws:
        assert degrees(one.edges) == degrees(edges)
        assert len(np.unique(one.edges, axis=0)) == len(edges)
        shared = set(map(tuple, one.edges.tolist())) & set(map(tuple, edges.tolist()))
        assert one.changed == pytest.approx(1 - len(shared) / len(edges))
        assert one.changed > 0.5
    assert not np.array_equal(draws[0].edges, draws[1].edges)
    again = next(iter(rewire(edges, 1, [2])))
    assert np.array_equal(again.edges, draws[0].edges)


def test_sources_keep_their_edges_into_every_group():
    rng = np.random.default_rng(3)
    edges, groups = np.argwhere(rng.random((20, 30)) < 0.3), np.arange(30) % 3

    def by_group(found):
        return Counter(zip(found[:, 0].tolist(), groups[found[:, 1]].tolist(), strict=True))

    (draw,) = rewire(edges, 1, [0], groups=groups)
    assert by_group(draw.edges) == by_group(edges)
    assert draw.changed > 0.3


def test_sources_with_nothing_to_trade_do_not_slow_the_others():
    """A thousand sources hold the one common target; the few that differ must still be mixed."""
    common = np.array([(s, 0) for s in range(1000)])
    few = np.array([(s, t) for s in range(6) for t in (1 + s, 7 + s)])
    draws = rewire(np.vstack([common, few]), 5, [0])
    assert all(one.changed * 1012 > 3 for one in draws)


def test_networks_that_are_none_are_refused():
    with pytest.raises(ValueError, match="an edge comes twice"):
        next(rewire(np.array([(0, 1), (0, 1)]), 1, [0]))
    with pytest.raises(ValueError, match="self-loops"):
        next(rewire(np.array([(0, 1), (1, 1)]), 1, [0], self_loops=False))
