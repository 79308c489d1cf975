"""How near a random dictionary comes: against exact laws, plain simulation, and over many random dictionaries."""

import numpy as np
import pytest
from scipy.stats import beta

from tasks.analyses.tracking.chance import NODES, Chance, nodes
from tasks.analyses.tracking.cosines import best_partners
from tasks.analyses.tracking.quadratic_form import Gaussian, Sides, calibration, tail
from tasks.store import RequestError
from tests.builders.dictionaries import D, N, normalised, uneven

LEVELS = np.array([0.5, 0.1, 0.05, 0.01])


@pytest.mark.parametrize("d", [8, 64, 1152])
def test_without_mean_and_with_even_covariance_the_tail_is_a_beta_law(d):
    exact = np.logspace(-1, -40, 30)
    cosine = np.sqrt(beta.isf(2 * exact, 0.5, (d - 1) / 2))
    far = cosine < 1 - 1e-6
    even = Gaussian(np.ones(1), np.array([float(d)]), np.zeros(1))
    one = np.ones((far.sum(), 1))
    found = tail(even, Sides(one, np.zeros_like(one)), cosine[far], calibration(d))
    np.testing.assert_allclose(found, exact[far], rtol=0.02)


def simulated(unit, n, rng):
    """``n`` random directions, drawn from the Gaussian itself."""
    exact = unit.astype(np.float64)
    return normalised(rng.multivariate_normal(exact.mean(0), np.cov(exact.T, bias=True), size=n, method="eigh"))


def test_tails_equal_simulated_ones_for_dictionaries_that_lean():
    rng = np.random.default_rng(0)
    unit = uneven(N, rng).astype(np.float32)
    chance, drawn = Chance(unit), simulated(unit, 300_000, rng)
    leaning = normalised(unit.mean(0, keepdims=True))
    for wanted in (*unit[:4], leaning[0]):
        share = np.array([0.05, 0.01, 0.001])
        cosine = np.quantile(drawn @ wanted, 1 - share)
        found = chance.p_of_one(chance.sides(np.tile(wanted, (3, 1)).astype(np.float32)), cosine)
        sd = 1 / np.sqrt(share * len(drawn))
        assert (np.abs(found / share - 1) <= 0.09 + 4 * sd).all()


def test_drawn_dictionaries_have_the_moments_of_their_own():
    rng = np.random.default_rng(1)
    unit = uneven(N, rng).astype(np.float32)
    chance = Chance(unit)
    drawn = np.concatenate([chance.draw(np.random.default_rng([2, draw])) for draw in range(40)])
    expected = simulated(unit, len(drawn), rng)
    assert np.abs(drawn.mean(0) - expected.mean(0)).max() < 0.01
    assert np.abs(np.cov(drawn.T) - np.cov(expected.T)).max() < 0.005
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1, rtol=1e-5)


def p_of_random_dictionaries(n_draws, seed):
    """p of the best partners of one dictionary in random ones: [n_draws, N]."""
    rng = np.random.default_rng(seed)
    unit, other = (uneven(N, rng).astype(np.float32) for _ in range(2))
    chance = Chance(other)
    sides = chance.sides(unit)
    drawn = (chance.draw(np.random.default_rng([seed, draw])) for draw in range(n_draws))
    return np.stack([chance.p_of_best(sides, best_partners(unit, random).cosine) for random in drawn])


def assert_nominal(p):
    """p is at most 8 % off, and 4 standard errors over draws."""
    share = (p[:, :, None] <= LEVELS).mean(axis=1)
    error = share.std(axis=0, ddof=1) / np.sqrt(len(p))
    assert (np.abs(share.mean(axis=0) - LEVELS) <= 0.08 * LEVELS + 4 * error).all(), (share.mean(0), error)


def test_realised_errors_over_random_dictionaries_are_nominal():
    assert_nominal(p_of_random_dictionaries(40, 3))


@pytest.mark.slow
def test_realised_errors_over_many_random_dictionaries_are_nominal():
    p = p_of_random_dictionaries(400, 4)
    assert_nominal(p)
    by_feature = (p <= 0.05).mean(axis=0)  # each feature has its own null
    sd = np.sqrt(0.05 * 0.95 / len(p))
    assert by_feature.std() < 1.4 * sd


def test_eigenvalues_that_share_nodes_give_nearly_the_same_p(monkeypatch):
    rng = np.random.default_rng(5)
    unit = uneven(300, rng, d=200).astype(np.float32)
    few = Chance(unit)
    monkeypatch.setattr("tasks.analyses.tracking.chance.NODES", 500)
    all_of_them = Chance(unit)
    cosine = np.linspace(0.3, 0.9, 20)
    found, exact = (each.p_of_one(each.sides(unit[:20]), cosine) for each in (few, all_of_them))
    np.testing.assert_allclose(np.log(found), np.log(exact), rtol=0.01)
    assert few.p_of_best(few.sides(unit[:1]), np.array([-0.1])) == pytest.approx(1.0)


def test_nodes_keep_count_and_order():
    spread = np.sort(np.random.default_rng(6).random(500)) + 0.01
    node, weight = nodes(spread)
    assert (len(node), weight.shape) == (NODES, (500, NODES))
    np.testing.assert_allclose(weight.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(weight @ node, spread, rtol=0.03, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_directions_leave_most_of_the_space_out_of_reach(n):
    unit = uneven(n, np.random.default_rng(0)).astype(np.float32)
    chance = Chance(unit)
    wanted = np.concatenate([unit[:1], uneven(20, np.random.default_rng(1)).astype(np.float32)])
    p = chance.p_of_best(chance.sides(wanted), np.linspace(0.05, 0.999999, 21))
    assert np.isfinite(p).all()
    assert ((p >= 0) & (p <= 1)).all()


def test_directions_that_are_not_finite_are_refused_in_one_line():
    broken = np.full((3, D), np.nan, dtype=np.float32)
    with pytest.raises(RequestError, match="not finite or all zero: train it anew"):
        Chance(broken)
