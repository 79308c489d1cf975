"""Which features are steered: Cohen's d by hand, ranks, partners."""

import numpy as np
import pytest

from tasks.analyses.steering.panel import choose_panel, cohens_d
from tasks.analyses.steering.step import SteeringSettings

EARLY, LATE = np.arange(60) < 20, np.arange(60) >= 40


def settings(**changes):
    return SteeringSettings(wanted=True, pseudotime="t", **changes)


def activities(seed=0, n_features=30):
    """Features 0 to 3 rise, 4 to 6 fall, 7 is rare; the rest do nothing."""
    values = np.random.default_rng(seed).exponential(size=(60, n_features))
    values[np.ix_(LATE, range(4))] += [3.0, 2.5, 2.0, 1.5]
    values[np.ix_(EARLY, range(4, 7))] += [3.0, 2.0, 1.5]
    values[:, 7] = 0
    values[LATE.nonzero()[0][:2], 7] = 9
    return values


@pytest.mark.parametrize("published", [False, True])
def test_d_is_the_difference_over_the_pooled_deviation(published):
    values = activities()
    early, late = values[EARLY][:15], values[LATE]
    found = cohens_d(early, late, published=published)
    for feature in range(5):
        one, other = early[:, feature], late[:, feature]
        spare = 0 if published else 1
        pooled = np.sqrt((14 * one.var(ddof=spare) + 19 * other.var(ddof=spare)) / 33)
        assert found[feature] == pytest.approx((other.mean() - one.mean()) / pooled)


def test_features_that_rise_and_fall_are_found_in_order():
    found = choose_panel(settings(min_d=0.8), 3, activities(), EARLY, LATE)
    assert [(one.kind, one.rank) for one in found] == [
        *(("ON", r) for r in range(1, 5)),
        *(("OFF", r) for r in range(1, 4)),
    ]
    assert {one.feature for one in found if one.kind == "ON"} == {0, 1, 2, 3}
    d = [one.d for one in found]
    assert d[:4] == sorted(d[:4], reverse=True)
    assert d[4:] == sorted(d[4:])
    assert not {one.partner for one in found} & ({one.feature for one in found} | {7})


def test_rare_features_and_those_beyond_the_number_are_left_out():
    found = choose_panel(settings(min_d=0.8, n_on=2, n_off=1), 3, activities(), EARLY, LATE)
    assert [one.kind for one in found] == ["ON", "ON", "OFF"]
    rare = choose_panel(settings(min_d=0.2, min_active=0.0), 3, activities(), EARLY, LATE)
    assert 7 in {one.feature for one in rare}


def test_without_others_there_is_no_partner():
    values = activities()[:, :2]
    assert [one.partner for one in choose_panel(settings(), 0, values, EARLY, LATE)] == [None, None]
