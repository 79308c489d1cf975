"""Whole-unit flips against enumeration by hand and scipy's paired permutation test."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import permutation_test

from tasks.statistics.unit_flips import flip_units, paired_effects, unit_effects


@pytest.fixture
def donors():
    rng = np.random.default_rng(0)
    units = np.repeat([7, 3, 5, 9, 1, 2], [4, 9, 2, 6, 5, 3])
    return rng.normal(0.3, 1, (len(units), 3)), units


def slow_means(values, units):
    return {one: values[units == one].mean(0) for one in sorted(set(units.tolist()))}


def test_effects_are_means_by_unit(donors):
    values, units = donors
    found, slow = unit_effects(values, units), slow_means(values, units)
    assert found.unit.tolist() == list(slow)
    np.testing.assert_allclose(found.effects, list(slow.values()))
    assert found.n_rows.tolist() == [5, 3, 9, 2, 4, 6]
    assert found.effective_units == pytest.approx(29**2 / (25 + 9 + 81 + 4 + 16 + 36))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_all_flips_of_few_units_are_enumerated(donors, weighted, alternative):
    found = unit_effects(*donors)
    weight = found.n_rows / found.n_rows.sum() if weighted else np.full(6, 1 / 6)
    draws = flip_units(found, 1000, [0], weighted=weighted)
    assert draws.exact
    for test in range(3):
        every = [float(np.dot(s, weight * found.effects[:, test])) for s in product([1, -1], repeat=6)]
        observed = every[0]
        reach = {"two-sided": lambda v, o: abs(v) >= abs(o) - 1e-12, "greater": lambda v, o: v >= o - 1e-12}
        reach["less"] = lambda v, o: v <= o + 1e-12
        assert draws.p(alternative)[test] == sum(reach[alternative](v, observed) for v in every) / 64


def test_equals_scipy(donors):
    found = unit_effects(*donors)
    theirs = permutation_test(
        (found.effects[:, 0],), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert flip_units(found, 64, [0]).p("two-sided")[0] == pytest.approx(theirs.pvalue)


def test_drawn_flips_come_near_the_enumerated(donors):
    found = unit_effects(*donors)
    drawn = flip_units(found, 63, [0])
    assert not drawn.exact
    big = unit_effects(np.random.default_rng(1).normal(0.2, 1, (14, 1)), np.arange(14))
    assert flip_units(big, 9999, [2]).p("two-sided") == pytest.approx(
        flip_units(big, 2**14, [2]).p("two-sided"), abs=0.02
    )


def test_rounding_is_no_difference():
    """0.1 + 0.2 - 0.3 is not 0 in floating point; six such effects must tie with the draws that equal them."""
    draws = flip_units(unit_effects(np.array([0.1, 0.2, -0.3]), np.arange(3)), 100, [0])
    assert draws.p("two-sided") == 1
    assert draws.p("greater") == 5 / 8  # sums 0 (twice) and three of the six others


def test_units_that_differ_in_composition_alone_do_not_differ():
    """Two cell types, means 0 and 1, mixed 9:1 and 1:9: by strata both donors have the same effect."""
    values = np.array([0.0] * 9 + [1.0] + [0.0] + [1.0] * 9)
    units, strata = np.repeat([0, 1], 10), np.array([0] * 9 + [1] + [0] + [1] * 9)
    assert unit_effects(values, units, strata).effects.ravel().tolist() == [0.5, 0.5]
    assert unit_effects(values, units).effects.ravel().tolist() == [0.1, 0.9]
    with pytest.raises(ValueError, match="no stratum has rows of every unit"):
        unit_effects(values[[0, 19]], units[[0, 19]], strata[[0, 19]])


def test_paired_effects_are_contrasts_within_units():
    rng = np.random.default_rng(3)
    units, strata, side = rng.integers(0, 5, 200), rng.integers(0, 2, 200), rng.random(200) < 0.3
    values = rng.normal(size=(200, 2)) + units[:, None] * 10 + strata[:, None] * 3
    found = paired_effects(values, side, units, strata)
    for row, unit in enumerate(found.unit):
        parts = [
            values[(units == unit) & (strata == s) & side].mean(0)
            - values[(units == unit) & (strata == s) & ~side].mean(0)
            for s in (0, 1)
        ]
        np.testing.assert_allclose(found.effects[row], np.mean(parts, axis=0), atol=1e-12)


def test_units_with_one_side_are_left_out_of_pairs():
    side, units = np.array([True, False, True, True]), np.array([0, 0, 1, 1])
    found = paired_effects(np.array([3.0, 1.0, 9.0, 9.0]), side, units)
    assert (found.unit.tolist(), found.effects.ravel().tolist(), found.n_rows.tolist()) == ([0], [2.0], [2])
    with pytest.raises(ValueError, match="no unit has rows on both sides"):
        paired_effects(np.ones(2), np.array([True, True]), np.array([0, 1]))
