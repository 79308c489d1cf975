"""Partial Spearman against scipy, the inverse of the correlation matrix, the textbook formula and enumeration."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr, t

from tasks.statistics.partial_rank import partial_spearman, permute_partial_spearman


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(80, 3))
    x, y = z[:, 0] + rng.normal(size=80), z[:, 0] - z[:, 1] + rng.normal(size=80)
    return np.round(x, 1), np.round(y, 1), np.round(z, 1)  # with ties


def test_without_covariates_it_is_spearman(data):
    x, y, _ = data
    found, theirs = partial_spearman(x, y), spearmanr(x, y)
    assert (found.rho, found.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-12)
    assert (found.n, found.freedom) == (80, 78)


def test_one_covariate_by_the_textbook(data):
    x, y, z = data
    xy, xz, yz = (spearmanr(*pair).statistic for pair in ((x, y), (x, z[:, 0]), (y, z[:, 0])))
    wanted = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert partial_spearman(x, y, z[:, 0]).rho == pytest.approx(wanted, rel=1e-12)


def test_several_covariates_by_the_inverse_correlation_matrix(data):
    x, y, z = data
    inverse = np.linalg.inv(spearmanr(np.column_stack([x, y, z])).statistic)
    found = partial_spearman(x, y, z)
    rho = -inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1])
    assert found.rho == pytest.approx(rho, rel=1e-10)
    assert found.freedom == 75
    assert found.p == pytest.approx(2 * t.sf(abs(rho) * np.sqrt(75 / (1 - rho**2)), 75), rel=1e-9)


def test_a_covariate_given_twice_counts_once(data):
    x, y, z = data
    once, twice = partial_spearman(x, y, z), partial_spearman(x, y, np.column_stack([z, z[:, 0]]))
    assert (twice.rho, twice.p, twice.freedom) == (pytest.approx(once.rho), pytest.approx(once.p), 75)
    assert partial_spearman(x, y, np.column_stack([z, np.ones(80)])).freedom == 75


def test_nothing_left_has_no_correlation(data):
    x, y, _ = data
    found = partial_spearman(x, y, x)
    assert np.isnan([found.rho, found.p]).all()
    assert permute_partial_spearman(x, y, x, n_draws=5, seed=[0]).p("two-sided") == 1
    with pytest.raises(ValueError, match="too few"):
        partial_spearman(x[:3], y[:3], x[:3] ** 2)
    with pytest.raises(ValueError, match="finite"):
        partial_spearman(np.array([1.0, np.nan, 2.0, 3.0]), np.arange(4.0))


def slow_permutations(x, y, z, orders):
    """Step 4 written out with least squares for every order."""
    ones = np.column_stack([np.ones(len(x)), rankdata(z, axis=0)])

    def left(values):
        return values - ones @ np.linalg.lstsq(ones, values, rcond=None)[0]

    rx, ry = left(rankdata(x)), left(rankdata(y))
    return np.array([np.corrcoef(left(rx[list(order)]), ry)[0, 1] for order in orders])


def test_draws_follow_all_permutations():
    rng = np.random.default_rng(1)
    x, y, z = rng.normal(size=6), rng.normal(size=6), rng.normal(size=(6, 1))
    every = slow_permutations(x, y, z, permutations(range(6)))
    found = permute_partial_spearman(x, y, z, n_draws=20_000, seed=[0])
    assert found.observed[0] == pytest.approx(every[0])
    assert set(np.round(found.values[:, 0], 9)) <= set(np.round(every, 9))
    wanted = np.mean(np.abs(every) >= abs(every[0]) - 1e-9)
    assert found.p("two-sided")[0] == pytest.approx(wanted, abs=0.012)


def test_permutations_stay_within_strata():
    rng = np.random.default_rng(2)
    x, y, strata = rng.normal(size=5), rng.normal(size=5), np.array([0, 0, 1, 1, 1])
    orders = [order for order in permutations(range(5)) if (strata[list(order)] == strata).all()]
    every = slow_permutations(x, y, np.empty((5, 0)), orders)
    found = permute_partial_spearman(x, y, n_draws=2000, seed=[0], strata=strata)
    assert set(np.round(found.values[:, 0], 9)) == set(np.round(every, 9))
