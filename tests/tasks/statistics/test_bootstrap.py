"""Bootstrap intervals against scipy's on the same draws, and Wilson's against scipy's."""

import numpy as np
import pytest
from scipy.stats import binomtest
from scipy.stats import bootstrap as scipy_bootstrap

from tasks.statistics.bootstrap import bootstrap, pair_weights
from tasks.statistics.proportion import wilson


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_equals_scipy_where_every_row_is_a_unit(method, confidence):
    values = np.random.default_rng(0).lognormal(size=25)
    found = bootstrap(lambda rows: values[rows].mean(keepdims=True), np.arange(25), 999, [5])
    theirs = scipy_bootstrap(
        (values,), np.mean, n_resamples=999, confidence_level=confidence, method={"bca": "BCa"}.get(method, method),
        rng=np.random.default_rng([5]),
    )  # fmt: skip
    np.testing.assert_allclose(np.sort(found.draws[:, 0]), np.sort(theirs.bootstrap_distribution))
    low, high = found.interval(confidence, method)
    np.testing.assert_allclose([low[0], high[0]], list(theirs.confidence_interval), rtol=1e-10)


def test_whole_units_are_drawn():
    """A mean of 3 donors of 2, 3 and 5 rows: every draw is the mean of three donors' rows together."""
    units = np.array([8, 2, 2, 5, 5, 5, 8, 5, 2, 5])
    values = np.arange(10.0)
    found = bootstrap(lambda rows: np.array([values[rows].mean(), len(rows)]), units, 200, [1])
    donors = [values[units == one] for one in (2, 5, 8)]
    possible = {
        (round(np.concatenate([donors[i] for i in triple]).mean(), 9), sum(len(donors[i]) for i in triple))
        for triple in np.ndindex(3, 3, 3)
    }
    assert {(round(a, 9), int(b)) for a, b in found.draws.tolist()} == possible
    np.testing.assert_allclose(found.jackknife[:, 0], [values[units != one].mean() for one in (2, 5, 8)])
    assert found.estimate.tolist() == [4.5, 10]
    assert found.n_units == 3


def test_strata_keep_their_numbers_of_units():
    units, strata = np.arange(8), np.array([0] * 3 + [1] * 5)
    found = bootstrap(lambda rows: np.array([float((rows < 3).sum())]), units, 50, [0], strata)
    assert (found.draws == 3).all()
    with pytest.raises(ValueError, match="more than one stratum"):
        bootstrap(lambda rows: rows[:1], np.zeros(8, dtype=np.int64) + np.arange(8) % 2, 5, [0], np.arange(8))
    with pytest.raises(ValueError, match="two units"):
        bootstrap(lambda rows: rows[:1], np.zeros(8, dtype=np.int64), 5, [0])


def test_no_interval_where_there_is_nothing_to_tell():
    constant = bootstrap(lambda rows: np.array([1.0, np.nan]), np.arange(5), 20, [0])
    low, high = constant.interval(method="percentile")
    assert (low[0], high[0]) == (1, 1)
    assert np.isnan([low[1], high[1]]).all()
    extreme = bootstrap(lambda rows: np.array([float(len(set(rows.tolist())))]), np.arange(30), 50, [0])
    assert np.isnan(extreme.interval()[0]).all()  # a draw has fewer different units than the sample


def test_pairs_weigh_by_both_ends():
    first, second = np.array([0, 0, 1, 2]), np.array([5, 6, 5, 6])
    weights = pair_weights(first, second, 4000, [0])
    assert weights.shape == (4000, 4)
    np.testing.assert_allclose(weights.mean(0), 1, atol=0.1)
    same = (weights[:, 0] > 0) & (weights[:, 3] > 0)  # both regulators and both targets were drawn
    assert (weights[same][:, 1] > 0).all()


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_wilson_equals_scipy(confidence):
    k, n = (a.ravel() for a in np.meshgrid(np.arange(0, 21), [20, 37, 1000]))
    low, high = wilson(k, n, confidence)
    theirs = [binomtest(int(a), int(b)).proportion_ci(confidence, "wilson") for a, b in zip(k, n, strict=True)]
    np.testing.assert_allclose(low, [one.low for one in theirs], atol=1e-12)
    np.testing.assert_allclose(high, [one.high for one in theirs], atol=1e-12)


def test_wilson_of_nothing_is_everything():
    low, high = wilson(np.array([0]), np.array([0]))
    assert (low[0], high[0]) == (0, 1)
    with pytest.raises(ValueError, match="between 0 and the number"):
        wilson(np.array([3]), np.array([2]))
