"""The law of an overlap within strata against every permutation, and against scipy in one stratum."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy.stats import hypergeom

from tasks.statistics.overlap_law import hypergeometric_law, overlap_law, upper_tail


@pytest.mark.parametrize(("size", "marked"), [(30, 8), (12, 12), (12, 0), (9, 5), (3000, 40)])
def test_one_stratum_equals_scipy(size, marked):
    drawn = np.unique(np.linspace(0, size, 13).astype(np.int64))
    law = hypergeometric_law(size, marked, drawn)
    expected = hypergeom.pmf(np.arange(marked + 1)[None], size, marked, drawn[:, None])
    np.testing.assert_allclose(law, np.nan_to_num(expected), rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(law.sum(axis=1), 1.0, atol=1e-10)


def test_strata_equal_all_permutations_of_labels_within_them():
    label = np.array([1, 0, 0, 1, 0, 1, 1, 0, 0])
    stratum = np.array([0] * 4 + [1] * 5)
    called = np.array([[1, 1, 0, 0, 1, 1, 0, 0, 0], [0] * 9, [1] * 9, [0, 0, 0, 1, 0, 0, 0, 0, 1]])
    size, marked = np.bincount(stratum), np.bincount(stratum, weights=label).astype(np.int64)
    drawn = np.stack([np.bincount(stratum, weights=one).astype(np.int64) for one in called])
    arranged = [np.array([*a, *b]) for a, b in product(permutations(label[:4]), permutations(label[4:]))]
    for law, call in zip(overlap_law(size, marked, drawn), called, strict=True):
        both = np.array([(one & call).sum() for one in arranged])
        np.testing.assert_allclose(law, np.bincount(both, minlength=label.sum() + 1) / len(arranged), atol=1e-12)


def test_a_stratum_without_marked_items_changes_nothing():
    drawn = np.array([[3, 2], [3, 5]])
    law = overlap_law(np.array([8, 5]), np.array([4, 0]), drawn)
    np.testing.assert_allclose(law, np.tile(hypergeometric_law(8, 4, np.array([3])), (2, 1)))


def test_tails_start_at_one_and_sum_the_rest():
    law = np.array([[0.2, 0.5, 0.3], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(upper_tail(law), [[1.0, 0.8, 0.3], [1.0, 1.0, 1.0]])
