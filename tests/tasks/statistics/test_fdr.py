"""Benjamini-Hochberg against scipy and against the family written out in full."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from tasks.statistics import benjamini_hochberg
from tasks.statistics.fdr import benjamini_hochberg_counts


def test_equals_scipy():
    p = np.random.default_rng(0).uniform(size=1000) ** 3
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), rtol=1e-14)


def test_ties_share_their_q():
    q = benjamini_hochberg(np.array([0.02, 0.01, 0.02, 0.9]))
    np.testing.assert_allclose(q, [0.02 * 4 / 3, 0.04 * 2 / 3, 0.02 * 4 / 3, 0.9])


def test_tests_left_implicit_count_as_p_of_one():
    p = np.random.default_rng(1).uniform(size=50) ** 4
    written_out = false_discovery_control(np.concatenate([p, np.ones(950)]))[:50]
    np.testing.assert_allclose(benjamini_hochberg(p, n_tests=1000), written_out, rtol=1e-14)


def test_q_is_never_below_p_nor_above_one():
    p = np.random.default_rng(2).uniform(size=300)
    q = benjamini_hochberg(p, n_tests=400)
    assert np.all(q >= p)
    assert np.all(q <= 1)


def test_a_family_controls_its_false_discoveries():
    """Under the null alone, a family yields a discovery about as often as the rate allowed."""
    draws = np.random.default_rng(3).uniform(size=(2000, 40))
    families = sum(bool((benjamini_hochberg(row) <= 0.05).any()) for row in draws)
    assert 60 <= families <= 140  # 100 expected, SD 9.7


def test_shape_is_kept_and_empty_is_allowed():
    assert benjamini_hochberg(np.full((2, 3), 0.5)).shape == (2, 3)
    assert benjamini_hochberg(np.empty(0), n_tests=10).size == 0


@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan])
def test_values_that_are_no_probability_are_refused(bad):
    with pytest.raises(ValueError, match="must lie in"):
        benjamini_hochberg(np.array([0.5, bad]))


def test_a_family_smaller_than_its_members_is_refused():
    with pytest.raises(ValueError, match="cannot hold 3"):
        benjamini_hochberg(np.ones(3), n_tests=2)


def test_a_counted_family_has_the_q_of_the_family_written_out():
    p = np.random.default_rng(4).integers(1, 40, 3000) ** 2 / 1600
    values, place, count = np.unique(p, return_inverse=True, return_counts=True)
    assert (benjamini_hochberg_counts(values, count)[place] == benjamini_hochberg(p)).all()
    assert benjamini_hochberg_counts(np.empty(0), np.empty(0, np.int64)).size == 0


@pytest.mark.parametrize("bad", [[0.2, 0.1], [0.1, 0.1], [0.5, 1.1], [0.5, np.nan]])
def test_a_counted_family_must_ascend(bad):
    with pytest.raises(ValueError, match="ascend"):
        benjamini_hochberg_counts(np.array(bad), np.array([1, 1]))
