"""Cumulants of joint firings: scipy's hypergeometric law stratum by stratum, and brute force over all permutations."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import hypergeom

from tasks.statistics import association
from tasks.statistics.association import joint_cumulants, spread

RNG = np.random.default_rng(0)
SIZE = np.array([1, 2, 3, 4, 5, 17, 120, 0, 900])
FIRST, SECOND = (RNG.binomial(SIZE, RNG.choice([0.02, 0.5, 1.0], (n, SIZE.size))).astype(np.uint32) for n in (7, 5))


def slow_cumulants(one, other, size):
    """The four cumulants from the law of every stratum."""
    total = np.zeros(4)
    for n, a, b in zip(size.tolist(), one.tolist(), other.tolist(), strict=True):
        if n:
            x = np.arange(n + 1)
            law = hypergeom.pmf(x, n, a, b)
            mean = law @ x
            m2, m3, m4 = (law @ (x - mean) ** k for k in (2, 3, 4))
            total += (mean, m2, m3, m4 - 3 * m2**2)
    return total


@pytest.mark.parametrize("block", [association.STRATA_BLOCK, 2])
def test_cumulants_equal_those_of_the_law(block, monkeypatch):
    monkeypatch.setattr(association, "STRATA_BLOCK", block)
    found = joint_cumulants(FIRST, SECOND, SIZE)
    slow = np.array([[slow_cumulants(a, b, SIZE) for b in SECOND] for a in FIRST])
    for order, name in enumerate(("mean", "variance", "third", "fourth")):
        scale = max(np.abs(slow[..., order]).max(), 1)
        np.testing.assert_allclose(getattr(found, name), slow[..., order], rtol=1e-9, atol=1e-9 * scale, err_msg=name)


def test_pairs_within_a_layer_equal_those_of_two(monkeypatch):
    monkeypatch.setattr(association, "ROW_BLOCK", 3)
    within, across = joint_cumulants(FIRST, FIRST, SIZE), joint_cumulants(FIRST, FIRST.copy(), SIZE)
    for name, values in vars(across).items():
        np.testing.assert_allclose(np.triu(getattr(within, name)), np.triu(values), atol=1e-9)


def test_moments_are_those_over_all_permutations_within_genes():
    gene = np.array([0, 0, 0, 0, 1, 1, 1])
    one, other = np.array([1, 1, 0, 0, 1, 0, 0]), np.array([1, 0, 0, 1, 1, 1, 0])
    overlaps = [
        one[:4] @ other[list(p)] + one[4:] @ other[list(q)]
        for p in permutations(range(4))
        for q in permutations((4, 5, 6))
    ]
    counts = [np.array([np.bincount(gene, fires)]).astype(np.uint32) for fires in (one, other)]
    found = joint_cumulants(*counts, np.bincount(gene))
    third = np.mean((np.array(overlaps) - np.mean(overlaps)) ** 3)
    assert found.mean[0, 0] == pytest.approx(np.mean(overlaps), abs=1e-12)
    assert found.variance[0, 0] == pytest.approx(np.var(overlaps), abs=1e-12)
    assert found.third[0, 0] == pytest.approx(third, abs=1e-12)


def test_spread_is_the_variance_within_strata():
    fires = RNG.random(50) < 0.4
    stratum = RNG.integers(0, 6, 50)
    counts = np.bincount(stratum, fires, 6).astype(np.uint32)
    centred = fires - (counts / np.bincount(stratum, minlength=6))[stratum]
    assert spread(counts[None], np.bincount(stratum, minlength=6))[0] == pytest.approx(centred @ centred, abs=1e-9)
