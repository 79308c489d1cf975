"""Matched draws: in their bin or neighbourhood, equally likely, balanced, and refused where there is no match."""

from collections import Counter

import numpy as np
import pytest

from tasks.statistics.matching import (
    CannotMatch,
    balance,
    matched_by_bin,
    matched_neighbours,
    movable_share,
    quantile_bins,
)


def test_bins_are_cut_at_quantiles_and_crossed():
    values = np.arange(100.0)
    assert np.bincount(quantile_bins(values, 4)).tolist() == [25, 25, 25, 25]
    crossed = quantile_bins(np.stack([values, values % 2], axis=1), [4, 2])
    assert len(np.unique(crossed)) == 8
    same = np.stack([np.repeat(quantile_bins(values, 4), 1), values % 2], axis=1)
    assert all(len(np.unique(same[crossed == one], axis=0)) == 1 for one in range(8))


def test_equal_values_share_a_bin():
    values = np.array([0.0] * 70 + list(range(1, 31)))
    bins = quantile_bins(values, 10)
    assert len(np.unique(bins[:70])) == 1
    assert bins[0] not in bins[70:]
    assert quantile_bins(np.ones(5), 3).tolist() == [0] * 5
    with pytest.raises(ValueError, match="must be finite"):
        quantile_bins(np.array([1.0, np.nan]), 2)


def test_draws_stay_in_their_bins_and_every_item_is_as_likely():
    bins = np.array([0] * 6 + [1] * 4)
    chosen = np.array([0, 8, 1])
    drawn = matched_by_bin(chosen, np.arange(10), bins, 6000, [1])
    assert (bins[drawn] == bins[chosen]).all()
    assert all(len(set(row)) == 3 for row in drawn.tolist())
    pairs = Counter(frozenset((int(a), int(b))) for a, _, b in drawn)
    assert len(pairs) == 15  # all pairs of six, each with 400 expected, SD 19
    assert 320 < min(pairs.values()) <= max(pairs.values()) < 480


def test_a_bin_that_holds_too_few_is_refused():
    bins = np.array([0, 0, 1, 1])
    with pytest.raises(CannotMatch, match="bin 1 holds 1 items to draw from where 2 are needed"):
        matched_by_bin(np.array([2, 3]), np.array([0, 1, 2]), bins, 3, [0])
    assert (matched_by_bin(np.array([2, 3]), np.array([0, 1, 2]), bins, 3, [0], replace=True) == 2).all()
    with pytest.raises(CannotMatch, match="bin 1 holds 0"):
        matched_by_bin(np.array([2]), np.array([0, 1]), bins, 3, [0], replace=True)


@pytest.mark.parametrize("replace", [False, True])
def test_neighbours_are_the_nearest_by_brute_force(replace):
    rng = np.random.default_rng(2)
    table = rng.normal(size=(60, 2)) * [1, 1000]
    chosen, pool = np.arange(5), np.arange(5, 60)
    drawn = matched_neighbours(chosen, pool, table, 300, [3], k=8, replace=replace)
    scaled = table / table.std(0)
    for column, one in enumerate(chosen):
        near = pool[np.argsort(np.linalg.norm(scaled[pool] - scaled[one], axis=1))[:8]]
        assert set(drawn[:, column]) == set(near)
    repeats = sum(len(set(row)) < 5 for row in drawn.tolist())
    assert repeats == 0 if not replace else repeats > 0


def test_neighbours_that_run_out_are_refused():
    with pytest.raises(CannotMatch, match="hold no 9 neighbours"):
        matched_neighbours(np.array([0]), np.arange(3), np.arange(3.0), 1, [0], k=9)
    with pytest.raises(CannotMatch, match="all 2 neighbours of a chosen item are taken"):
        matched_neighbours(np.array([0, 1, 2]), np.arange(3, 9), np.array([0.0] * 3 + list(range(6))), 1, [0], k=2)


def test_balance_says_what_matching_achieves():
    rng = np.random.default_rng(4)
    table = rng.normal(size=(2000, 2))
    chosen = np.flatnonzero((table[:, 0] > 0.5) & (rng.random(2000) < 0.1))
    pool = np.setdiff1d(np.arange(2000), chosen)
    matched = balance(
        chosen, matched_by_bin(chosen, pool, quantile_bins(table[:, 0], 20), 50, [5]), table, ["depth", "other"]
    )
    loose = balance(chosen, rng.choice(pool, (50, len(chosen))), table, ["depth", "other"])
    assert matched["covariate"].to_list() == ["depth", "other"]
    assert matched["balanced"][0]
    assert not loose["balanced"][0]
    expected = abs(table[chosen, 0].mean() - loose["mean_drawn"][0]) / table[chosen, 0].std()
    assert loose["difference_in_sd"][0] == pytest.approx(expected)


def test_items_without_an_alternative_are_counted():
    bins = np.array([0, 0, 1, 2, 2])
    assert movable_share(np.array([0, 2, 3]), np.arange(5), bins) == pytest.approx(2 / 3)
    assert movable_share(np.array([0, 2, 3]), np.array([1, 4]), bins) == pytest.approx(2 / 3)
    assert np.isnan(movable_share(np.array([], dtype=np.int64), np.arange(5), bins))
