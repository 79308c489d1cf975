"""The interval of a stratified AUROC: its definition solved another way, and how often it holds the truth."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.stats import norm

from tasks.statistics.auroc_interval import auroc_interval
from tasks.statistics.stratified_ranks import StratifiedRanks

SHAPES = [  # cells with the label and all cells of each stratum
    ([20.0], [60.0]),
    ([5.0, 12.0, 0.0], [30.0, 25.0, 10.0]),
]


def slow(auroc, inside, size, bound):
    """How far the estimate lies from ``bound``, in squared standard deviations less z squared, pair by pair."""
    weights, variances = [], []
    for n1, n in zip(inside, size, strict=True):
        n2 = n - n1
        if n1 * n2:
            q1, q2 = bound / (2 - bound), 2 * bound**2 / (1 + bound)
            spread = bound * (1 - bound) + (n1 - 1) * (q1 - bound**2) + (n2 - 1) * (q2 - bound**2)
            weights.append(n1 * n2 / (n + 1))
            variances.append(spread / (n1 * n2))
    share = np.array(weights) / sum(weights)
    return (auroc - bound) ** 2 - norm.ppf(0.975) ** 2 * (share**2 * variances).sum()


@pytest.mark.parametrize(("inside", "size"), SHAPES)
@pytest.mark.parametrize("auroc", [0.5, 0.72, 0.97])
def test_bounds_are_the_roots(inside, size, auroc):
    low, high = auroc_interval(np.array([[auroc]]), np.array(inside)[:, None], np.array(size))
    for found, ends in ((low, (1e-9, auroc)), (high, (auroc, 1 - 1e-9))):
        root = brentq(lambda bound: slow(auroc, inside, size, bound), *ends, xtol=1e-13)
        assert found[0, 0] == pytest.approx(root, abs=1e-9)


def test_an_estimate_of_one_has_a_width_and_none_stays_none():
    low, high = auroc_interval(np.array([[1.0, np.nan]]), np.full((1, 2), 10.0), np.array([40.0]))
    assert high[0, 0] == 1
    assert 0.5 < low[0, 0] < 0.95
    assert np.isnan([low[0, 1], high[0, 1]]).all()


@pytest.mark.parametrize("shift", [0.0, 0.8, 2.0])
def test_holds_the_truth_as_often_as_it_says(shift):
    """Normal values of two strata of unlike depth; the chance of one being larger is Phi(shift / sqrt 2)."""
    rng = np.random.default_rng([7, int(10 * shift)])
    stratum, group = np.repeat([0, 1], [60, 90]), (np.arange(150) % 5 == 0).astype(np.int64)
    values = rng.normal(size=(150, 2000)) + 3 * stratum[:, None] + shift * group[:, None] + 20
    ranks = StratifiedRanks.of(csr_matrix(values), stratum)
    auroc = ranks.compare(group, 2).auroc[:, 1:]
    low, high = auroc_interval(auroc, ranks.sizes(group, 2)[:, 1:], ranks.size)
    truth = norm.cdf(shift / 2**0.5)
    covered = ((low <= truth) & (truth <= high)).mean()
    assert 0.935 <= covered <= 0.99  # 2,000 intervals: sd 0.005; wider than it need be where the label is easily told
