"""Matches between two dictionaries: planted truth, the null's rate, partners against loops, intervals."""

import numpy as np
import pytest

from tasks.analyses.tracking.cosines import Best, best_partners
from tasks.analyses.tracking.dictionary import Layered
from tasks.analyses.tracking.rates import PUBLISHED_RULE, Matches, interval, mutual_rule, persistence_row
from tasks.statistics.bootstrap import bootstrap
from tests.builders.dictionaries import ANGLE, SHARED, N, dictionary, two_layers, uneven

RULE = mutual_rule(0.01)


@pytest.mark.parametrize("unsigned", [False, True])
def test_partners_equal_a_loop(monkeypatch, unsigned):
    monkeypatch.setattr("tasks.analyses.tracking.cosines.BLOCK", 7)
    rng = np.random.default_rng(0)
    one, other = (uneven(n, rng, d=12).astype(np.float32) for n in (40, 31))
    found = best_partners(one, other, unsigned=unsigned)
    cosine = one.astype(np.float64) @ other.astype(np.float64).T
    cosine = np.abs(cosine) if unsigned else cosine
    for i in range(40):
        j = max(range(31), key=lambda j: cosine[i, j])
        assert found.partner[i] == j
        assert found.cosine[i] == pytest.approx(cosine[i, j], abs=1e-9)
        assert found.mutual[i] == (max(range(40), key=lambda k: cosine[k, j]) == i)


def found_and_true(seed):
    one, other, truth, flipped = two_layers(seed)
    found = RULE.match(one, other)
    pairs = {(i, int(found.best.partner[i])) for i in np.flatnonzero(found.matched)}
    return pairs, {(i, j) for i, j in truth.items() if i not in flipped}, flipped


def test_planted_directions_are_found_and_flipped_ones_are_not():
    """30 % of the directions are shared, each turned by 25 degrees, and a tenth of them turned round."""
    hits, n_found, n_true, flips = 0, 0, 0, 0
    for seed in range(8):
        pairs, truth, flipped = found_and_true(seed)
        hits, n_found, n_true = hits + len(pairs & truth), n_found + len(pairs), n_true + len(truth)
        flips += sum(i in flipped for i, _ in pairs)
    assert hits / n_true >= 0.95
    assert hits / n_found >= 0.95
    assert flips <= 0.05 * 8 * 12  # no more than other features without a counterpart


def test_the_published_rule_alone_matches_flipped_directions():
    one, other, truth, flipped = two_layers(0)
    found = PUBLISHED_RULE.match(one, other)
    assert all(found.matched[i] and found.best.partner[i] == truth[i] for i in flipped)
    assert found.best.cosine[sorted(flipped)].mean() == pytest.approx(np.cos(ANGLE), abs=1e-6)


def realised(n_draws, seed):
    """Shares of features matched with random dictionaries [n_draws], and with dictionaries made apart [n_draws]."""
    rng = np.random.default_rng(seed)
    one = dictionary(uneven(N, rng))
    rates = [RULE.against_random(one, dictionary(uneven(N, rng), 1), 1, [seed, draw]).rate for draw in range(n_draws)]
    apart = [RULE.match(one, dictionary(uneven(N, rng), 1)).matched.mean() for _ in range(n_draws)]
    return np.array(rates), np.array(apart)


def assert_nominal(rates, slack):
    error = rates.std(ddof=1) / np.sqrt(len(rates))
    assert rates.mean() <= 0.01 * (1 + slack) + 4 * error
    assert rates.mean() >= 0.01 * (1 - slack) - 4 * error


def test_random_dictionaries_are_matched_at_the_null_rate():
    """Made apart, dictionaries of the planted kind are no Gaussian draws: their rate may be a quarter off."""
    rates, apart = realised(25, 1)
    assert_nominal(rates, 0.1)
    assert_nominal(apart, 0.25)


@pytest.mark.slow
def test_random_dictionaries_are_matched_at_the_null_rate_over_many_draws():
    rates, apart = realised(200, 2)
    assert_nominal(rates, 0.1)
    assert_nominal(apart, 0.25)


def test_a_row_of_persistence_holds_rate_null_ceiling_and_interval():
    one, other, _, _ = two_layers(3)
    again, _, _, _ = two_layers(3)
    first, second = Layered(one, one, [again]), Layered(other, other, [])
    row, found = persistence_row(RULE, "adjacent", (first, second), 3, 500, [0])
    assert (row["n_matches"], row["n_alive_from"], row["seed_rate"]) == (found.matched.sum(), N, 1.0)
    assert row["persistence_rate"] == pytest.approx(found.matched.mean())
    assert row["low"] < row["persistence_rate"] < row["high"]
    assert row["null_rate"] < 0.03 < row["persistence_rate"]
    assert 0.4 < row["match_threshold"] < np.cos(ANGLE)
    published, _ = persistence_row(PUBLISHED_RULE, "adjacent", (first, second), 3, 500, [0])
    assert published["n_matches"] >= SHARED
    assert published["match_threshold"] == 0.7


@pytest.mark.parametrize("empty", [0, 1])
def test_an_empty_dictionary_matches_nothing_and_is_told_so(empty):
    full = dictionary(uneven(20, np.random.default_rng(0)))
    none = dictionary(np.empty((0, 64)), 1)
    ends = [Layered(each, each, []) for each in ((none, full) if empty == 0 else (full, none))]
    for rule in (RULE, PUBLISHED_RULE):
        row, _ = persistence_row(rule, "adjacent", (ends[0], ends[1]), 2, 200, [0])
        assert (row["n_matches"], row["persistence_rate"], row["low"], row["null_rate"]) == (0, 0.0, 0.0, 0.0)


def matches_of(partner, matched):
    n = len(partner)
    best = Best(partner, np.zeros(n), np.zeros(n, dtype=bool))
    one = dictionary(uneven(n, np.random.default_rng(0)))
    return Matches(one, one, best, np.ones(n), np.ones(n), matched)


def test_intervals_equal_a_bootstrap_of_groups_row_by_row():
    rng = np.random.default_rng(7)
    partner = rng.integers(0, 60, 200)
    matched = (partner % 3 == 0) & (rng.random(200) < 0.9)
    low, high = interval(matches_of(partner, matched), 4000, [1])
    slow = bootstrap(lambda rows: np.array([matched[rows].mean()]), partner, 4000, [2]).interval(method="percentile")
    assert low == pytest.approx(slow[0][0], abs=0.01)
    assert high == pytest.approx(slow[1][0], abs=0.01)


def test_intervals_hold_the_share_as_often_as_they_say():
    """Groups of one to five features that are matched together with probability 0.3."""
    rng, held = np.random.default_rng(8), 0
    for trial in range(300):
        partner = np.repeat(np.arange(80), rng.integers(1, 6, 80))
        low, high = interval(matches_of(partner, (rng.random(80) < 0.3)[partner]), 300, [trial])
        held += low <= 0.3 <= high
    assert held >= 300 * 0.95 - 3 * np.sqrt(300 * 0.95 * 0.05)
