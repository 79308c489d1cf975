"""Tails from four cumulants, held against exact laws of sums of hypergeometric numbers, out to 1e-7."""

import numpy as np
import pytest
from scipy.stats import binom, hypergeom, norm, poisson

from tasks.statistics.association import joint_cumulants
from tasks.statistics.bernoulli_tails import upper_tail

LEVELS = (0.05, 1e-3, 1e-5, 1e-7)
KINDS = ("sparse", "selective", "mixed", "dense", "few genes")


def rates(kind, n_genes, rng):
    """How often a feature fires on each gene: seldom, nearly always on some, always on a third, or half of the time."""
    if kind == "selective":
        return np.where(rng.random(n_genes) < 0.1, rng.beta(8, 1, n_genes), rng.beta(0.3, 100, n_genes))
    if kind == "mixed":
        return np.where(rng.random(n_genes) < 0.3, 1.0, rng.beta(0.5, 30, n_genes))
    return rng.beta(2, 2, n_genes) if kind == "dense" else rng.beta(0.5, 30, n_genes)


def exact_law(one, other, size):
    """The lowest count and the probabilities from there on, stratum by stratum."""
    law, low = np.ones(1), 0
    for n, a, b in zip(size.tolist(), one.tolist(), other.tolist(), strict=True):
        first, last = max(0, a + b - n), min(a, b)
        law, low = np.convolve(law, hypergeom.pmf(np.arange(first, last + 1), n, a, b)), low + first
    return low, law


def pairs(kind, n, seed=0):
    """Cumulants, counts and exact tails of some pairs of features."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        n_genes = rng.integers(1, 5) if kind == "few genes" else rng.integers(10, 50)
        size = np.maximum(2, 600 * rng.random(n_genes) ** 2).astype(int)
        one, other = (rng.binomial(size, rates(kind, n_genes, rng)).astype(np.uint32)[None] for _ in range(2))
        found = joint_cumulants(one, other, size)
        cumulants = [float(values[0, 0]) for values in (found.mean, found.variance, found.third, found.fourth)]
        if cumulants[1] > 1e-6:
            low, law = exact_law(one[0], other[0], size)
            yield cumulants, low + np.arange(law.size), np.cumsum(law[::-1])[::-1]


def estimate(cumulants, x):
    return upper_tail(x.astype(float), *(np.full(x.size, value) for value in cumulants))


@pytest.mark.parametrize("kind", KINDS)
def test_tails_follow_exact_ones_far_out(kind):
    ratios = []
    for cumulants, x, exact in pairs(kind, 20):
        far = (exact < 0.04) & (exact > 1e-7)
        ratios += (estimate(cumulants, x[far]) / exact[far]).tolist()
    assert len(ratios) > 20
    assert min(ratios) > 0.7  # of the exact p, where a pair is called too easily
    assert np.median(ratios) == pytest.approx(1, abs=0.2)
    assert np.quantile(ratios, 0.95) < 8


@pytest.mark.parametrize("kind", KINDS)
def test_realised_errors_stay_at_their_level(kind):
    """The error of a pair is exact: the probability of all counts whose p is at most the level."""
    realised, best, normal = np.zeros((3, len(LEVELS)))
    n = 0
    for cumulants, x, exact in pairs(kind, 20, seed=1):
        n += 1
        by_normal = norm.sf((x - cumulants[0]) / np.sqrt(cumulants[1]))
        for sums, p in ((realised, estimate(cumulants, x)), (best, exact), (normal, by_normal)):
            for place, level in enumerate(LEVELS):
                called = np.flatnonzero(p <= level)
                sums[place] += exact[called[0]] if called.size else 0
    assert np.all(realised / n <= 1.1 * np.array(LEVELS))
    assert np.all(realised[:2] >= 0.5 * best[:2])  # little more is lost than by whole numbers
    if kind != "dense":
        assert normal[2] / n > 3 * LEVELS[2]  # what the normal law would do


def test_known_laws_are_met():
    x = np.arange(25, 60)
    at_poisson = estimate([9.0, 9.0, 9.0, 9.0], x)
    np.testing.assert_allclose(at_poisson, poisson.sf(x - 1, 9), rtol=0.02)
    w = 0.3 * 0.7
    at_binomial = estimate([15, 50 * w, 50 * w * 0.4, 50 * w * (1 - 6 * w)], x[:15])
    np.testing.assert_allclose(at_binomial, binom.sf(x[:15] - 1, 50, 0.3), rtol=0.02)


def test_what_is_near_the_mean_or_cannot_vary_is_not_called():
    assert upper_tail(*np.array([[10.5], [10.0], [1.0], [0.5], [0.2]])).item() == 1
    assert upper_tail(*np.array([[10.0], [10.0], [0.0], [0.0], [0.0]])).item() == 1
    for kind in KINDS:
        for cumulants, x, exact in pairs(kind, 5, seed=2):
            near = x < cumulants[0] + np.sqrt(cumulants[1])
            assert exact[near].min(initial=1) > 0.05


def test_the_end_of_the_range_has_the_chance_of_reaching_it():
    """Two features that fire on the same 6 of 40 positions of a gene: no smaller p than that, nor a useless one."""
    counts = np.array([[6]], dtype=np.uint32)
    found = joint_cumulants(counts, counts, np.array([40]))
    p = upper_tail(np.array([[6.0]]), found.mean, found.variance, found.third, found.fourth).item()
    assert 1 < p / hypergeom.pmf(6, 40, 6, 6) < 20
