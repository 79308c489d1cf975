"""Directions beside their baselines: loops agree, biased signs have no excess, planted knowledge is recovered."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from tasks.validate.signed import mean_interval, odds_by_target, signed_accuracy

P, B, LEAST, DRAWS = 30, 80, 5, 300


def biased(rng, shape=(P, B), negative=0.5):
    """Random sizes, a share of them negative."""
    return np.where(rng.random(shape) < negative, -1.0, 1.0) * rng.exponential(size=shape)


def interval_of(predicted, observed, usual=None, seed=0):
    found = signed_accuracy(predicted, observed, np.full(predicted.shape, np.nan) if usual is None else usual, LEAST)
    return found, mean_interval((found.accuracy - found.baseline)[found.used], DRAWS, [seed])


def test_as_a_loop_over_pairs_counts():
    rng = np.random.default_rng(0)
    predicted, observed, usual = biased(rng), biased(rng, negative=0.7), biased(rng)
    predicted[rng.random((P, B)) < 0.4], observed[rng.random((P, B)) < 0.2] = 0.0, np.nan
    usual[rng.random((P, B)) < 0.2] = np.nan
    predicted[3, LEAST - 1 :] = 0.0
    weight = rng.random((P, B))
    for w in (None, weight):
        found = signed_accuracy(predicted, observed, usual, LEAST, w)
        for k in range(P):
            pairs = [t for t in range(B) if predicted[k, t] != 0 and np.isfinite(observed[k, t])]
            of = {t: 1.0 if w is None else w[k, t] for t in pairs}
            if len(pairs) < LEAST:
                assert np.isnan([found.accuracy[k], found.baseline[k], found.usual[k], found.rho[k]]).all()
                continue
            total = sum(of.values())
            right = sum(of[t] for t in pairs if (predicted[k, t] < 0) == (observed[k, t] < 0)) / total
            down, fell = (sum(of[t] for t in pairs if m[k, t] < 0) / total for m in (predicted, observed))
            told = [t for t in pairs if np.isfinite(usual[k, t])]
            as_usual = sum(of[t] for t in told if (usual[k, t] < 0) == (observed[k, t] < 0)) / sum(of[t] for t in told)
            rho = spearmanr(np.abs(predicted[k, pairs]), np.abs(observed[k, pairs])).statistic
            wanted = (len(pairs), right, down * fell + (1 - down) * (1 - fell), as_usual, rho)
            got = (found.n[k], found.accuracy[k], found.baseline[k], found.usual[k], found.rho[k])
            assert got == pytest.approx(wanted)


def test_unbalanced_signs_give_more_than_a_half():
    """80 % negative predictions and 60 % negative responses: 56 %."""
    predicted = np.where(np.arange(100) < 80, -1.0, 1.0)[None]
    observed = np.where(np.arange(100) % 5 < 3, -1.0, 1.0)[None]
    found = signed_accuracy(predicted, observed, np.full((1, 100), np.nan), LEAST)
    assert found.baseline == pytest.approx(0.56)
    assert found.accuracy == pytest.approx(0.56)


def test_biased_random_predictions_have_no_excess():
    """Accuracy above one half in every study, an interval without 0 in about 5 % of them: at most 6 of 40 (p 0.01)."""
    missed = 0
    for seed in range(40):
        rng = np.random.default_rng([seed, 1])
        found, (low, high) = interval_of(biased(rng, negative=0.8), biased(rng, negative=0.7), seed=seed)
        assert found.accuracy.mean() > 0.55
        missed += not low <= 0 <= high
    assert missed <= 6


def test_planted_directions_are_recovered():
    """Predictions right in 65 % of the pairs beyond their bias."""
    rng = np.random.default_rng(2)
    observed = biased(rng, negative=0.6)
    known = np.where(rng.random((P, B)) < 0.3, np.sign(observed), np.sign(biased(rng, negative=0.8)))
    found, (low, high) = interval_of(known, observed)
    assert low > 0.05
    assert low < (found.accuracy - found.baseline).mean() < high
    ratio, below, _ = odds_by_target(known, observed, DRAWS, [0])
    assert ratio > 1.5
    assert below > 1


def usual_world(seed):
    """Genes with a usual direction, and nothing of one perturbation in particular."""
    rng = np.random.default_rng([seed, 3])
    leaning = rng.normal(size=B)
    observed = leaning + rng.normal(size=(P, B))
    usual = (observed.sum(axis=0) - observed) / (P - 1)
    return rng, leaning, observed, usual


def test_usual_directions_alone_have_an_excess_but_no_odds_by_target():
    """What knows only which genes usually fall beats the signs, not the usual direction, and its odds ratio is 1."""
    covered = 0
    for seed in range(20):
        rng, leaning, observed, usual = usual_world(seed)
        predicted = leaning + 0.7 * rng.normal(size=(P, B))
        found, (low, _) = interval_of(predicted, observed, usual)
        assert low > 0.05
        assert (found.accuracy - found.usual).mean() < 0
        ratio, below, above = odds_by_target(predicted, observed, DRAWS, [seed])
        assert abs(np.log(ratio)) < 0.4
        covered += below <= 1 <= above
    assert covered >= 16


def test_odds_are_those_of_tables_by_gene():
    rng = np.random.default_rng(4)
    predicted, observed = biased(rng), biased(rng)
    above = below = 0.0
    for t in range(B):
        up, rose = predicted[:, t] > 0, observed[:, t] > 0
        above += (up & rose).sum() * (~up & ~rose).sum() / P
        below += (up & ~rose).sum() * (~up & rose).sum() / P
    assert odds_by_target(predicted, observed, DRAWS, [0])[0] == pytest.approx(above / below)


def test_what_cannot_be_told():
    assert mean_interval(np.array([0.1, 0.2]), DRAWS, [0]) is None
    assert mean_interval(np.full(4, 0.1), DRAWS, [0]) is None
    nothing = np.zeros((0, 5))
    assert np.isnan(odds_by_target(nothing, nothing, DRAWS, [0])).all()
    assert np.isnan(odds_by_target(np.ones((4, 5)), np.ones((4, 5)), DRAWS, [0])).all()
