"""Cumulants of joint firings: scipy's hypergeometric law stratum by stratum, and brute force over all permutations."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import hypergeom

from tasks.statistics import association
from tasks.statistics.association import joint_cumulants, spread
from tasks.statistics.bernoulli_tails import upper_tail
from tasks.store import workers

DOUBLE, SINGLE = 1e-9, 1e-6  # what mean and variance, third and fourth agree to
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


def formula_cumulants(one, other, size):
    """The four cumulants of hypergeometric numbers by their formulae (step 2), in double precision, summed."""
    n, i, j = size.astype(float), one.astype(float), other.astype(float)
    a, b = i * (n - i), j * (n - j)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, second = i * j / n, a * b / (n**2 * (n - 1))
        third = a * (n - 2 * i) * b * (n - 2 * j) / (n**3 * (n - 1) * (n - 2))
        inner = (n - 1) * n**2 * (n * (n + 1) - 6 * a - 6 * b) + 6 * a * b * (5 * n - 6)
        fourth = inner * a * b / (n**4 * (n - 1) ** 2 * (n - 2) * (n - 3))
    parts = (np.where(n > least, part, 0.0) for least, part in enumerate((mean, second, third, fourth)))
    return [part.sum() for part in parts]


@pytest.mark.parametrize("block", [association.STRATA_BLOCK, 2])
def test_cumulants_equal_those_of_the_law(block, monkeypatch):
    monkeypatch.setattr(association, "STRATA_BLOCK", block)
    found = joint_cumulants(FIRST, SECOND, SIZE)
    slow = np.array([[slow_cumulants(a, b, SIZE) for b in SECOND] for a in FIRST])
    for order, name in enumerate(("mean", "variance", "third", "fourth")):
        scale, exact = max(np.abs(slow[..., order]).max(), 1), DOUBLE if order < 2 else SINGLE
        np.testing.assert_allclose(getattr(found, name), slow[..., order], rtol=exact, atol=exact * scale, err_msg=name)


def test_pairs_within_a_layer_equal_those_of_two(monkeypatch):
    monkeypatch.setattr(association, "ROW_BLOCK", 3)
    within, across = joint_cumulants(FIRST, FIRST, SIZE), joint_cumulants(FIRST, FIRST.copy(), SIZE)
    for name, values in vars(across).items():
        np.testing.assert_allclose(np.triu(getattr(within, name)), np.triu(values), atol=SINGLE)


def test_cumulants_do_not_depend_on_the_number_of_threads(monkeypatch):
    size = RNG.integers(1, 400, 3000)
    one, other = (RNG.binomial(size, RNG.uniform(0, 0.3, (n, 1))).astype(np.uint32) for n in (70, 50))
    monkeypatch.setattr(association, "ROW_BLOCK", 32)
    threads = []
    for n in (1, 2, 3):
        monkeypatch.setattr(workers, "N_THREADS", n)
        threads.append(joint_cumulants(one, other, size))
    for again in threads[1:]:
        for name, values in vars(threads[0]).items():
            np.testing.assert_array_equal(getattr(again, name), values)


def test_tails_of_single_precision_are_those_of_double(monkeypatch):
    """Third and fourth cumulants shape the tail alone: p moves by less than 1e-4 of itself, up to 10 sd away."""
    size = RNG.integers(1, 400, 3000)
    one, other = (RNG.binomial(size, RNG.uniform(0, 0.3, (n, 1))).astype(np.uint32) for n in (40, 40))
    single = joint_cumulants(one, other, size)
    law = np.array([[formula_cumulants(a, b, size) for b in other] for a in one])
    for z in (2.0, 5.0, 10.0):
        count = np.round(single.mean + z * np.sqrt(single.variance))
        exact = upper_tail(count, *np.moveaxis(law, -1, 0))
        np.testing.assert_allclose(upper_tail(count, *vars(single).values()), exact, rtol=1e-4)


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
    assert found.third[0, 0] == pytest.approx(third, abs=1e-7)


def test_spread_is_the_variance_within_strata():
    fires = RNG.random(50) < 0.4
    stratum = RNG.integers(0, 6, 50)
    counts = np.bincount(stratum, fires, 6).astype(np.uint32)
    centred = fires - (counts / np.bincount(stratum, minlength=6))[stratum]
    assert spread(counts[None], np.bincount(stratum, minlength=6))[0] == pytest.approx(centred @ centred, abs=1e-9)
