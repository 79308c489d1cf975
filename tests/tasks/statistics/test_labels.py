"""Permuted labels against enumeration by itertools and scipy's permutation test."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import permutation_test

from tasks.statistics.labels import arrange, difference_of_means, n_arrangements, permute_labels


def every_arrangement(labels, strata):
    """All distinct arrangements within strata, by brute force over all orders of the rows."""
    return {
        tuple(labels[list(order)].tolist())
        for order in permutations(range(len(labels)))
        if all(strata[i] == strata[j] for i, j in enumerate(order))
    }


def test_few_arrangements_are_all_made_once():
    labels, strata = np.array([0, 1, 1, 2, 0, 1, 0]), np.array([0, 0, 0, 0, 1, 1, 1])
    found = arrange(labels, 1000, [0], strata=strata)
    assert found.exact
    rows = [tuple(row) for row in found.labels.tolist()]
    assert len(rows) == len(set(rows)) == n_arrangements(labels, strata) == 12 * 3
    assert set(rows) == every_arrangement(labels, strata)


def test_drawn_arrangements_stay_within_strata_and_are_equally_likely():
    labels, strata = np.array([0, 1, 1, 0, 1, 0]), np.array([0, 1, 0, 1, 0, 1])
    found = arrange(labels, 8, [0], strata=strata)
    assert not found.exact  # there are nine
    drawn = np.concatenate([arrange(labels, 8, [seed], strata=strata).labels for seed in range(500)])
    rows, counts = np.unique(drawn, axis=0, return_counts=True)
    assert {tuple(row) for row in rows.tolist()} == every_arrangement(labels, strata)
    assert ((counts - 4000 / 9) ** 2 / (4000 / 9)).sum() < 26.1  # chi-squared, 8 degrees of freedom, p = 0.001


def test_rows_of_a_unit_keep_one_label():
    units = np.array([4, 4, 2, 2, 2, 9, 1])
    labels, strata = np.array([0, 0, 1, 1, 1, 1, 0]), np.array([0, 0, 0, 0, 0, 1, 1])
    found = arrange(labels, 100, [0], strata=strata, units=units)
    assert found.exact
    assert {tuple(row) for row in found.labels.tolist()} == {
        (a, a, 1 - a, 1 - a, 1 - a, b, 1 - b) for a in (0, 1) for b in (0, 1)
    }
    with pytest.raises(ValueError, match="a unit has more than one label"):
        arrange(np.arange(7), 10, [0], units=units)
    with pytest.raises(ValueError, match="a unit has more than one stratum"):
        arrange(labels, 10, [0], strata=np.arange(7), units=units)


def test_a_label_of_donors_permuted_within_donors_is_seen_not_to_move():
    donors = np.repeat(np.arange(4), 5)
    labels, values = donors % 2, np.random.default_rng(0).normal(size=20)
    draws = permute_labels(difference_of_means(values, 1), labels, arrange(labels, 50, [0], strata=donors))
    assert draws.p("two-sided") == draws.share_identical == 1


def test_equals_scipy():
    rng = np.random.default_rng(1)
    values, labels = rng.normal(size=(9, 1)), np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    draws = permute_labels(difference_of_means(values, 1), labels, arrange(labels, 200, [0]))
    for alternative in ("two-sided", "greater", "less"):
        theirs = permutation_test(
            (values[:4, 0], values[4:, 0]), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf,
            alternative=alternative,
        )  # fmt: skip
        wanted = theirs.pvalue
        if alternative == "two-sided":  # scipy doubles the smaller tail; here absolute values are compared
            wanted = np.mean(np.abs(theirs.null_distribution) >= abs(theirs.statistic) - 1e-12)
        assert draws.p(alternative)[0] == pytest.approx(wanted)


def test_differences_within_strata_by_a_loop():
    rng = np.random.default_rng(2)
    values, strata, labels = rng.normal(size=(40, 2)), rng.integers(0, 3, 40), rng.integers(0, 2, 40)
    parts, weights = [], []
    for one in range(3):
        inside, outside = ((strata == one) & (labels == side) for side in (1, 0))
        parts.append(values[inside].mean(0) - values[outside].mean(0))
        weights.append(inside.sum() * outside.sum() / (inside.sum() + outside.sum()))
    found = difference_of_means(values, 1, strata)(labels[None])[0]
    np.testing.assert_allclose(found, np.average(parts, axis=0, weights=weights))
    np.testing.assert_allclose(
        difference_of_means(values, 1)(labels[None])[0], values[labels == 1].mean(0) - values[labels == 0].mean(0)
    )
