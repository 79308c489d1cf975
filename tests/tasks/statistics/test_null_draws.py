"""p-values of draws against a loop over draws, and the rows that keep them."""

import numpy as np
import pytest

from tasks.statistics.null_draws import NullDraws, null_draw_frame
from tests.builders.contract import assert_contract


@pytest.fixture
def draws():
    rng = np.random.default_rng(0)
    return NullDraws(np.array([2.0, 0.0, -2.5]), rng.normal(size=(199, 3)))


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_p_counts_draws_that_reach_the_observed(draws, alternative):
    sign = {"greater": 1, "less": -1, "two-sided": 0}[alternative]
    for one, observed in enumerate(draws.observed):
        values = [v * sign if sign else abs(v) for v in draws.values[:, one]]
        bound = observed * sign if sign else abs(observed)
        assert draws.p(alternative)[one] == (1 + sum(v >= bound for v in values)) / 200


def test_enumerated_draws_hold_the_observed_one():
    assert NullDraws(np.array([3.0]), np.array([[3.0], [1.0], [2.0], [0.0]]), exact=True).p() == 0.25


def test_values_that_only_round_apart_are_equal():
    assert NullDraws(np.array([0.3]), np.array([[0.1 + 0.2], [0.3 - 1e-14]])).p() == 1


def test_a_draw_without_a_value_counts_against_the_finding():
    empty = NullDraws(np.array([9.0, np.nan]), np.array([[np.nan, 1.0], [1.0, 1.0], [np.nan, 2.0]]))
    np.testing.assert_allclose(empty.p(), [0.75, 1.0])
    np.testing.assert_allclose(empty.share_empty, [2 / 3, 0])
    assert empty.mean[0] == 1
    assert np.isnan(empty.sd[0])


def test_p_of_the_maximum_holds_for_all_tests(draws):
    largest = np.abs(draws.values).max(1)
    slow = [(1 + (largest >= abs(one)).sum()) / 200 for one in draws.observed]
    np.testing.assert_allclose(draws.p_of_maximum("two-sided"), slow)
    assert (draws.p_of_maximum("less") >= draws.p("less")).all()


def test_a_null_that_moves_nothing_is_seen():
    still = NullDraws(np.array([0.7, 0.7]), np.array([[0.7, 0.1], [0.7, 0.2]]))
    assert still.share_identical.tolist() == [1, 0]
    assert still.p().tolist() == [1, 1 / 3]
    assert (still.min_p, NullDraws(still.observed, still.values, exact=True).min_p) == (1 / 3, 1 / 2)


def test_rows_are_those_of_the_table(draws):
    draws.values[4, 1] = np.nan
    named = {"analysis": "coherence", "statistic": "share", "null_kind": "targets rewired"}
    frame = null_draw_frame(draws, **named, scopes=["L2", "L10", "L1"])
    assert_contract(frame, "null_draw")
    assert frame["scope"].unique(maintain_order=True).to_list() == ["L1", "L10", "L2"]
    for one, scope in enumerate(["L2", "L10", "L1"]):
        kept = frame.filter(scope=scope)
        assert kept["draw"].to_list() == list(range(1, 200))
        np.testing.assert_array_equal(kept["value"].fill_null(float("nan")).to_numpy(), draws.values[:, one])
    assert frame["value"].null_count() == 1


@pytest.mark.parametrize("scopes", [["a"], ["a", "b", "a"]])
def test_every_test_needs_a_scope_of_its_own(draws, scopes):
    with pytest.raises(ValueError, match="3 tests need as many different scopes"):
        null_draw_frame(draws, analysis="a", statistic="s", null_kind="n", scopes=scopes)
