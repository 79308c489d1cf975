"""AUROC within strata against a loop over pairs, and the coverage of its interval on samples of known AUROC."""

from itertools import product

import numpy as np
import pytest
from scipy.sparse import csc_matrix
from scipy.stats import norm

from tasks.statistics.proportion import wilson
from tasks.statistics.stratified_auroc import stratified_auroc
from tasks.statistics.van_elteren import van_elteren

Z = norm.ppf(0.975)


def slow(values, inside, strata):
    """AUROC and interval of one feature, pair by pair."""
    weights, placed, other_weights, other_placed = [], [], [], []
    for one in np.unique(strata):
        own, others = values[(strata == one) & inside], values[(strata == one) & ~inside]
        if not len(own) or not len(others):
            continue
        above = [[(a > b) + (a == b) / 2 for b in others] for a in own]
        weight = 1 / (len(own) + len(others) + 1)
        weights += [weight * len(others)] * len(own)
        placed += [sum(row) / len(others) for row in above]
        other_weights += [weight * len(own)] * len(others)
        other_placed += [sum(column) / len(own) for column in zip(*above, strict=True)]
    auroc = np.average(placed, weights=weights)
    spread = 0.0
    for w, v in ((np.array(weights), np.array(placed)), (np.array(other_weights), np.array(other_placed))):
        a = w / w.sum()
        m = 1 / (a**2).sum()
        s2 = (a**2 * (v - auroc) ** 2).sum() * m
        spread += (m * s2 + 0.25) / (m * auroc * (1 - auroc) + 0.25) / m
    n = 1 / spread
    centre, half = auroc + Z**2 / (2 * n), Z * np.sqrt(auroc * (1 - auroc) / n + Z**2 / (4 * n**2))
    return auroc, max((centre - half) / (1 + Z**2 / n), 0), min((centre + half) / (1 + Z**2 / n), 1)


@pytest.mark.parametrize("n_strata", [1, 4, 12])
def test_equals_a_loop_over_pairs(n_strata):
    rng = np.random.default_rng(n_strata)
    values = np.round(rng.exponential(2, (120, 9))) * (rng.random((120, 9)) < 0.6)
    values[:, 0], values[:, 1] = 0, 1
    group, strata = rng.choice(3, 120, p=[0.05, 0.3, 0.65]), rng.integers(0, n_strata, 120)
    values[group == 0, 2] = 99  # above all others
    found = stratified_auroc(csc_matrix(values), group, 3, strata)
    for feature, one in product(range(9), range(3)):
        expected = slow(values[:, feature], group == one, strata)
        np.testing.assert_allclose(
            [part[feature, one] for part in (found.auroc, found.low, found.high)], expected, rtol=1e-9, atol=1e-12
        )
    reference = van_elteren(csc_matrix(values), group, 3, strata)
    np.testing.assert_allclose(found.auroc, reference.auroc, rtol=1e-12)


def test_blocks_of_features_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    values = csc_matrix(rng.exponential(size=(60, 30)) * (rng.random((60, 30)) < 0.5))
    group, strata = rng.integers(0, 2, 60), rng.integers(0, 3, 60)
    whole = stratified_auroc(values, group, 2, strata)
    monkeypatch.setattr("tasks.statistics.stratified_auroc.ENTRIES", 1)
    parts = stratified_auroc(values, group, 2, strata)
    assert [(a == b).all() for a, b in zip(vars(whole).values(), vars(parts).values(), strict=True)] == [True] * 4


def test_ten_cells_above_all_others_say_no_more_than_ten_successes():
    values = np.r_[np.full(10, 2.0), np.zeros(2000)][:, None]
    group = np.r_[np.ones(10, dtype=np.int64), np.zeros(2000, dtype=np.int64)]
    found = stratified_auroc(csc_matrix(values), group, 2, np.zeros(2010, dtype=np.int64))
    low, _ = wilson(np.array([10]), np.array([10]))
    assert found.auroc[0, 1] == found.high[0, 1] == 1
    assert low[0] - 0.01 < found.low[0, 1] <= low[0]


def test_strata_of_one_group_do_not_count():
    values, group = np.arange(6.0)[:, None], np.array([0, 1, 0, 1, 1, 1])
    found = stratified_auroc(csc_matrix(values), group, 3, np.array([0, 0, 1, 1, 2, 3]))
    assert found.n_strata.tolist() == [2, 2, 0]
    assert found.auroc[0, :2].tolist() == [0, 1]
    assert np.isnan([found.auroc[0, 2], found.low[0, 2], found.high[0, 2]]).all()


def zero_inflated(share, shift):
    """Silent with the chance left by ``share``, log-normal otherwise."""
    return lambda rng, n: np.where(rng.random(n) < share, np.exp(rng.normal(shift, 0.5, n)), 0.0)


def lognormal(shift):
    """Never silent."""
    return lambda rng, n: np.exp(rng.normal(shift, 1, n))


CASES = {  # of cells of the type, and of the others
    "no difference": (lognormal(0), lognormal(0)),
    "AUROC 0.8": (lognormal(1.19), lognormal(0)),
    "AUROC 0.95": (lognormal(2.326), lognormal(0)),
    "AUROC 0.99": (lognormal(3.29), lognormal(0)),
    "silent, no difference": (zero_inflated(0.2, 0), zero_inflated(0.2, 0)),
    "silent in a fifth": (zero_inflated(0.8, 0.5), zero_inflated(0.02, 0)),
    "silent in a tenth": (zero_inflated(0.9, 1), zero_inflated(0.3, 0)),
    "never silent": (zero_inflated(0.95, 2), zero_inflated(0.05, 0)),
}
N_STRATA, PER_STRATUM, SHIFT = 5, 60, 1.5  # each stratum's values are so many times exp(1.5) those of the first


def truth(own, others, rng):
    """AUROC of two laws, from very many values of each."""
    a, b = own(rng, 200_000), np.sort(others(rng, 200_000))
    return (np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")).mean() / 2 / len(b)


def coverage(name, n, samples, seed):
    """In how many of the samples of ``n`` cells the interval holds the truth, and in how many its low end is below."""
    own, others = CASES[name]
    rng = np.random.default_rng([seed, n])
    auroc = truth(own, others, rng)
    sizes = np.r_[rng.multinomial(n, [1 / N_STRATA] * N_STRATA), [PER_STRATUM] * N_STRATA]
    strata = np.repeat(np.tile(np.arange(N_STRATA), 2), sizes)
    group = np.repeat([1, 0], [n, N_STRATA * PER_STRATUM])
    columns = [np.r_[own(rng, n), others(rng, N_STRATA * PER_STRATUM)] for _ in range(samples)]
    values = np.exp(SHIFT * strata)[:, None] * np.array(columns).T
    found = stratified_auroc(csc_matrix(values), group, 2, strata)
    low, high = found.low[:, 1], found.high[:, 1]
    return int(((low <= auroc) & (auroc <= high)).sum()), int((low <= auroc).sum())


@pytest.mark.parametrize("n", [10, 17, 50])
@pytest.mark.parametrize("name", CASES)
def test_the_interval_holds_the_truth_as_often_as_it_says(name, n):
    """95 % (92 % where 10 cells take few values) and 97.5 % for the lower bound, within what the samples allow."""
    samples = 300
    within, below = coverage(name, n, samples, 0)
    assert wilson(np.array(within), np.array(samples), 0.999)[1] >= (0.92 if n == 10 else 0.95)
    assert wilson(np.array(below), np.array(samples), 0.999)[1] >= 0.975


def test_intervals_by_the_normal_law_miss_far_more_often():
    """DeLong's variance alone: of 10 cells near an AUROC of 1, most samples have an interval without width."""
    own, others = CASES["never silent"]
    rng = np.random.default_rng(1)
    auroc, missed = truth(own, others, rng), 0
    for _ in range(200):
        a, b = own(rng, 10), np.sort(others(rng, 300))
        placed = (np.searchsorted(b, a, "left") + np.searchsorted(b, a, "right")) / 600
        missed += abs(placed.mean() - auroc) > Z * placed.std(ddof=1) / np.sqrt(10)
    assert missed > 50
