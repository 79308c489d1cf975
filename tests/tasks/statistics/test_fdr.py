"""Benjamini-Hochberg against scipy and against the family written out in full."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from tasks.statistics import benjamini_hochberg


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
