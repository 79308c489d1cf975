"""Intervals of ratios over clusters hold their word where edges of few clusters are most of them."""

import numpy as np
import pytest

from tasks.statistics.cluster_ratio import ratio_interval
from tasks.statistics.proportion import wilson

TRUE_MEAN = 0.7 * np.exp(1.5)  # of ``skewed``


def clustered(seed: int, n_clusters: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Hits and trials of clusters: half of all hit, each cluster leans its own way, few hold most trials."""
    rng = np.random.default_rng(seed)
    n = np.rint(rng.lognormal(3, 0.8, n_clusters)) + 1
    return rng.binomial(n.astype(int), rng.beta(2, 2, n_clusters)).astype(float), n


def skewed(seed: int) -> np.ndarray:
    """Sixty numbers, three in ten of them 0, a few very large."""
    rng = np.random.default_rng([9, seed])
    return rng.lognormal(1, 1, 60) * (rng.random(60) < 0.7)


def coverage(seeds) -> dict[str, float]:
    """Share of intervals that hold the truth: of a share over clusters, as if trials were independent, of a mean."""
    held = []
    for seed in seeds:
        hits, n = clustered(seed)
        low, high = ratio_interval(hits, n, 399, [seed])
        (below,), (above,) = wilson(np.array([int(hits.sum())]), np.array([int(n.sum())]))
        values = skewed(seed)
        least, most = ratio_interval(values, np.ones(60), 399, [seed])
        held.append((low <= 0.5 <= high, below <= 0.5 <= above, least <= TRUE_MEAN <= most))
    return dict(zip(("clusters", "trials", "mean"), np.mean(held, axis=0), strict=True))


def test_intervals_over_clusters_hold_and_those_over_trials_do_not():
    found = coverage(range(150))
    for what in ("clusters", "mean"):
        assert found[what] >= 0.95 - 3 * (0.95 * 0.05 / 150) ** 0.5, what
    assert found["trials"] < 0.6


@pytest.mark.slow
def test_so_it_is_over_many_draws():
    found = coverage(range(2000))
    assert 0.92 <= found["clusters"] <= 0.96
    assert 0.91 <= found["mean"] <= 0.96
    assert found["trials"] < 0.55


def test_many_equal_clusters_give_the_normal_interval():
    values = np.random.default_rng(0).normal(5, 1, 2000)
    low, high = ratio_interval(values, np.ones(2000), 2000, [0])
    assert (high - low) / 2 == pytest.approx(1.96 * values.std(ddof=1) / 2000**0.5, rel=0.06)


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch):
    hits, n = clustered(0)
    whole = ratio_interval(hits, n, 99, [0])
    monkeypatch.setattr("tasks.statistics.cluster_ratio.AT_ONCE", 40 * 7)
    assert ratio_interval(hits, n, 99, [0]) == whole


def test_edges_of_what_can_be_told():
    assert ratio_interval(np.ones(1), np.ones(1), 99, [0]) is None
    assert ratio_interval(np.array([2.0, 4.0]), np.array([4.0, 8.0]), 99, [0]) == (0.5, 0.5)
    with pytest.raises(ValueError, match="below the line"):
        ratio_interval(np.zeros(3), np.zeros(3), 99, [0])
