"""Undirected edges that switch their ends: degrees stay, and every network that has them comes up as often."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chisquare

from tasks.statistics.switching import switch_edges


def degrees(edges, n):
    return np.bincount(edges.ravel(), minlength=n)


def test_degrees_stay_and_no_edge_comes_twice():
    rng = np.random.default_rng(0)
    every = np.array(list(combinations(range(40), 2)))
    edges = every[rng.random(len(every)) < 0.2]
    for drawn in switch_edges(edges, 40, 5, [1]):
        assert np.array_equal(degrees(drawn.edges, 40), degrees(edges, 40))
        assert len(np.unique(drawn.edges, axis=0)) == len(edges)
        assert np.all(drawn.edges[:, 0] < drawn.edges[:, 1])
        assert drawn.changed > 0.5


def test_every_network_of_the_same_degrees_is_as_likely():
    edges = np.array([[0, 1], [0, 2], [1, 2], [3, 4], [0, 3]])
    wanted = degrees(edges, 5)
    every = list(combinations(range(5), 2))
    alike = [one for one in combinations(every, 5) if np.array_equal(degrees(np.array(one), 5), wanted)]
    drawn = Counter(tuple(map(tuple, one.edges.tolist())) for one in switch_edges(edges, 5, 600, [2]))
    assert set(drawn) == set(alike)
    assert len(alike) > 3
    assert chisquare([drawn[one] for one in alike]).pvalue > 1e-3


def test_draws_follow_from_the_seed():
    edges = np.array([[0, 1], [2, 3], [4, 5], [1, 2], [0, 5]])
    first, again, other = ([one.edges.tolist() for one in switch_edges(edges, 6, 3, [seed])] for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("edges", [[[0, 1], [1, 0]], [[2, 2]]])
def test_what_is_no_simple_network_is_refused(edges):
    with pytest.raises(ValueError, match="comes twice, or joins a node to itself"):
        next(switch_edges(np.array(edges), 3, 1, [0]))


def test_no_edges_give_no_edges():
    assert next(switch_edges(np.empty((0, 2), dtype=np.int64), 3, 1, [0])).edges.shape == (0, 2)
