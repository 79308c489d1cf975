"""Diffusion pseudotime: a dense twin by inversion, planted lines and forks, and graphs that fall apart."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from tasks.statistics.diffusion import DiffusionMap, FallsApart, transition_matrix


def slow_transitions(points, k):
    """Steps 1 to 3 entry by entry."""
    n = len(points)
    squared = ((points[:, None] - points[None]) ** 2).sum(-1)
    near = np.argsort(squared, axis=1)[:, 1 : k + 1]
    width = np.array([np.sqrt(np.median(squared[i, near[i]])) for i in range(n)])
    kernel = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if j in near[i] or i in near[j]:
                both = width[i] ** 2 + width[j] ** 2
                kernel[i, j] = np.sqrt(2 * width[i] * width[j] / both) * np.exp(-squared[i, j] / both)
    kernel /= np.outer(kernel.sum(1), kernel.sum(1))
    return kernel / np.sqrt(np.outer(kernel.sum(1), kernel.sum(1)))


def slow_distances(points, k):
    """dpt of all pairs by the sum over all walks: M = (I - T + v0 v0')^-1 - I; the last component is left out."""
    transitions = slow_transitions(points, k)
    values, vectors = np.linalg.eigh(transitions)
    without = transitions - np.outer(vectors[:, -1], vectors[:, -1])
    without -= values[0] * np.outer(vectors[:, 0], vectors[:, 0])
    walks = np.linalg.inv(np.eye(len(points)) - without) - np.eye(len(points))
    return np.linalg.norm(walks[:, None] - walks[None], axis=2)


def line(n, seed):
    rng = np.random.default_rng(seed)
    t = rng.uniform(size=n)
    return t, np.column_stack([t, np.sin(3 * t), np.cos(3 * t)]) + rng.normal(0, 0.02, (n, 3))


def test_it_is_the_sum_over_all_walks():
    _, points = line(40, 1)
    np.testing.assert_allclose(transition_matrix(points, 6).toarray(), slow_transitions(points, 6), atol=1e-12)
    found = DiffusionMap.of(points, 6, 38)
    slow = slow_distances(points, 6)
    np.testing.assert_allclose([found.distances(root) for root in range(40)], slow, rtol=1e-6, atol=1e-6)


def test_few_components_are_nearly_all_of_it():
    _, points = line(200, 2)
    short, whole = (DiffusionMap.of(points, 10, n).distances(0) for n in (15, 150))
    assert np.abs(short - whole).max() < 0.05 * whole.max()


def test_a_line_is_walked_from_end_to_end():
    t, points = line(300, 3)
    root = int(np.argmin(t))
    assert spearmanr(DiffusionMap.of(points, 15, 15).distances(root), t).statistic > 0.99


def test_a_fork_has_its_root_at_the_stem():
    rng = np.random.default_rng(4)
    t, arm = rng.uniform(size=300), rng.choice([-1, 1], 300)
    points = np.column_stack([t, arm * np.maximum(t - 0.4, 0), rng.normal(0, 0.02, 300)])
    found = DiffusionMap.of(points, 15, 15)
    assert spearmanr(found.distances(int(np.argmin(t))), t).statistic > 0.95


def test_the_medoid_is_in_the_middle_and_does_not_depend_on_order():
    t, points = line(200, 5)
    found = DiffusionMap.of(points, 10, 15)
    among = np.flatnonzero(t < 0.3)
    middle = found.medoid(among)
    assert middle == found.medoid(among[::-1])
    assert 0.08 < t[middle] < 0.22


def test_what_falls_apart_is_refused():
    rng = np.random.default_rng(6)
    points = np.concatenate([rng.normal(0, 1, (30, 2)), rng.normal(100, 1, (30, 2))])
    with pytest.raises(FallsApart, match="fall into 2 parts"):
        DiffusionMap.of(points, 5, 10)
    with pytest.raises(ValueError, match="no 15 neighbours"):
        DiffusionMap.of(points[:10], 15, 10)
    with pytest.raises(ValueError, match="at its very place"):
        DiffusionMap.of(np.repeat(points[:5], 8, axis=0), 6, 10)
