"""van Elteren's test against scipy in one stratum, and against the moments of all permutations in several."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy.sparse import csc_matrix
from scipy.stats import mannwhitneyu, norm, rankdata

from tasks.statistics.van_elteren import van_elteren


def sparse_values(n, features, seed):
    rng = np.random.default_rng(seed)
    return np.round(rng.exponential(2, (n, features)), 0) * (rng.random((n, features)) < 0.6)


def test_one_stratum_is_mann_whitney():
    values, group = sparse_values(90, 12, 0), np.random.default_rng(1).integers(0, 3, 90)
    found = van_elteren(csc_matrix(values), group, 3, np.zeros(90, dtype=np.int64))
    for feature, one in product(range(12), range(3)):
        inside, outside = values[group == one, feature], values[group != one, feature]
        theirs = mannwhitneyu(inside, outside, use_continuity=False, method="asymptotic")
        assert found.p[feature, one] == pytest.approx(theirs.pvalue, rel=1e-10)
        assert found.auroc[feature, one] == pytest.approx(theirs.statistic / (len(inside) * len(outside)))


def slow(values, inside, strata):
    """Weighted rank sum of one feature, and the AUROC, from ranks by stratum."""
    total, u, pairs = 0.0, 0.0, 0.0
    for one in np.unique(strata):
        own = strata == one
        n1, n = inside[own].sum(), own.sum()
        rank_sum = rankdata(values[own])[inside[own]].sum()
        total += rank_sum / (n + 1)
        u += (rank_sum - n1 * (n1 + 1) / 2) / (n + 1)
        pairs += n1 * (n - n1) / (n + 1)
    return total, u / pairs


def test_the_null_moments_are_those_of_all_permutations():
    """All orders of labels within strata of 4 and 5 cells, with ties: z is the standardised sum exactly."""
    values = np.array([0, 0, 1, 2, 0, 3, 3, 5, 0.0])
    group, strata = np.array([1, 0, 0, 1, 0, 1, 0, 1, 0]), np.array([0] * 4 + [1] * 5)
    found = van_elteren(csc_matrix(values[:, None]), group, 2, strata)
    sums = []
    for a, b in product(set(permutations(group[:4])), set(permutations(group[4:]))):
        sums.append(slow(values, np.array([*a, *b]) == 1, strata)[0])
    total, auroc = slow(values, group == 1, strata)
    z = (total - np.mean(sums)) / np.std(sums)
    assert found.p[0, 1] == pytest.approx(2 * norm.sf(abs(z)), rel=1e-10)
    assert found.auroc[0, 1] == pytest.approx(auroc)
    assert found.auroc[0, 0] == pytest.approx(1 - auroc)


def test_strata_that_compare_nothing_weigh_nothing():
    values, group = sparse_values(40, 5, 3), np.array([0, 1] * 10 + [0] * 19 + [1])
    strata = np.array([0] * 20 + [1] * 19 + [2])  # the second holds one group, the third a single cell
    found = van_elteren(csc_matrix(values), group, 2, strata)
    alone = van_elteren(csc_matrix(values[:20]), group[:20], 2, np.zeros(20, dtype=np.int64))
    np.testing.assert_allclose(found.p, alone.p)
    np.testing.assert_allclose(found.auroc, alone.auroc)


def test_nothing_to_compare_is_no_finding():
    found = van_elteren(csc_matrix(np.ones((4, 1))), np.array([0, 0, 1, 1]), 3, np.array([0, 0, 1, 1]))
    assert np.isnan(found.auroc).all()
    assert (found.p == 1).all()
