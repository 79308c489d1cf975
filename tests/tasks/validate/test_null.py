import numpy as np
import pytest

from tasks.validate.null import auroc, bins_of_equal, compare, mid_ranks, shuffles


def slow_auroc(scores, members, excluded):
    """Share of (member, other) pairs in the right order, ties half."""
    inside = [s for s, m, e in zip(scores, members, excluded, strict=True) if m and not e]
    outside = [s for s, m, e in zip(scores, members, excluded, strict=True) if not m and not e]
    wins = sum((a > b) + 0.5 * (a == b) for a in inside for b in outside)
    return wins / (len(inside) * len(outside))


def test_auroc_from_ranks_equals_counting_pairs():
    rng = np.random.default_rng(0)
    scores = rng.integers(-3, 4, (6, 40)).astype(float)  # many ties, negative scores
    members, excluded = rng.random((6, 40)) < 0.3, rng.random((6, 40)) < 0.1
    fast = auroc(mid_ranks(scores, excluded), members, excluded)
    slow = [slow_auroc(*row) for row in zip(scores, members, excluded, strict=True)]
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def test_p_counts_draws_at_least_as_large_with_one_added():
    found = compare(2.0, [1.0, 2.0, 3.0, 0.0])
    assert found.p == pytest.approx(3 / 5)
    assert (found.null_mean, found.n_null) == (1.5, 4)
    assert found.null_sd == pytest.approx(np.std([1, 2, 3, 0], ddof=1))
    assert compare(9.0, [1.0, 2.0]).p == pytest.approx(1 / 3)


def test_rounding_does_not_make_a_tie_a_win():
    assert compare(0.1 + 0.2, [0.3, 0.3]).p == 1.0


def test_bins_hold_neighbours_and_never_mix_groups():
    values, groups = np.array([5, 1, 4, 2, 3, 9, 8, 7]), np.array([0, 0, 0, 0, 0, 1, 1, 1])
    bins = bins_of_equal(values, groups, 2)
    assert [sorted(values[b]) for b in bins] == [[1, 2, 3], [4, 5], [7, 8, 9]]
    assert bins_of_equal(np.array([]), np.array([]), 2) == []


def test_shuffles_stay_in_their_bins_and_repeat_with_their_seed():
    bins = bins_of_equal(np.arange(50), np.repeat([0, 1], 25), 10)
    orders = list(shuffles(bins, 30, (3, 1)))
    for order in orders:
        assert sorted(order) == list(range(50))
        assert all(set(order[b]) == set(b) for b in bins)
    assert len({tuple(order) for order in orders}) == 30
    again = list(shuffles(bins, 30, (3, 1)))
    assert all((a == b).all() for a, b in zip(orders, again, strict=True))
    assert any((a != b).any() for a, b in zip(orders, shuffles(bins, 30, (4, 1)), strict=True))
