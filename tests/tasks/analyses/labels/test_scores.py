"""Scores of labels: a loop over features and permutations, and planted labels against thousands of noise features."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.labels.published_scores import LEVELS, BestOfFive
from tasks.analyses.labels.scores import SCORES, score_labels, thresholds
from tasks.analyses.labels.tables import family_q
from tasks.statistics.agreement import Agreement, f1
from tests.builders.planted_labels import deep_cells, deep_features, donor_cells

QUANTILES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)


def value_of(kind, label, call):
    both, marked, drawn = int((label & call).sum()), int(label.sum()), int(call.sum())
    if kind == "f1":
        return f1(np.array([both]), marked, np.array([drawn]))[0]
    return Agreement(len(label), marked, np.array([drawn])).of(np.array([both]), np.array([drawn]))[0]


def noise(rng, n_cells, n_features):
    """Maxima of features that fire in shares of the cells from few to nearly all."""
    share = rng.uniform(0.01, 0.9, n_features)
    return rng.exponential(size=(n_cells, n_features)) * (rng.random((n_cells, n_features)) < share)


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(0)
    cells = donor_cells(rng, 3, per_donor=60)
    maximum = noise(rng, 180, 5)
    maximum[:, 1] *= cells.label
    heldout = np.arange(180) % 3 == 0
    ranked = cells.ranked(maximum, donors=True, bins=2)
    return cells, maximum, heldout, ranked, score_labels(csr_matrix(maximum), ranked, heldout, 2, [0])


def test_threshold_and_scores_equal_a_loop(scored):
    cells, maximum, heldout, _, found = scored
    levels = thresholds(csr_matrix(maximum[~heldout]))
    assert [(one.label, one.kind) for one in found] == [(label, kind) for label in (0, 1) for kind in SCORES]
    for one in found:
        label = cells.label == one.label
        for feature in range(5):
            column = maximum[:, feature]
            active = np.sort(column[~heldout][column[~heldout] > 0])
            for place, share in enumerate(QUANTILES, start=1):
                assert levels[feature, place] == active[int(np.ceil(round(share * active.size, 9))) - 1]
            train = [value_of(one.kind, label[~heldout], column[~heldout] > level) for level in levels[feature]]
            best = int(np.argmax(train))
            assert one.threshold[feature] == levels[feature, best]
            assert one.train[feature] == pytest.approx(train[best], abs=1e-9)
            held = value_of(one.kind, label[heldout], column[heldout] > levels[feature, best])
            assert one.heldout[feature] == pytest.approx(held, abs=1e-9)


def test_the_null_is_that_of_permutations_within_strata(scored):
    cells, maximum, heldout, ranked, found = scored
    rng = np.random.default_rng(1)
    stratum, label = ranked.strata.stratum[heldout], cells.label[heldout]
    drawn = np.tile(label, (6000, 1))
    for one in np.unique(stratum):
        own = np.flatnonzero(stratum == one)
        drawn[:, own] = rng.permuted(drawn[:, own], axis=1)
    for one in found:
        for feature in range(5):
            call = maximum[heldout, feature] > one.threshold[feature]
            both = ((drawn == one.label) & call).sum(axis=1)
            marked, n = int((label == one.label).sum()), np.full(6000, call.sum())
            values = f1(both, marked, n) if one.kind == "f1" else Agreement(label.size, marked, n).of(both, n)
            error = values.std() / 6000**0.5
            assert values.mean() == pytest.approx(one.null_mean[feature], abs=4.5 * error + 1e-9)
            assert values.std() == pytest.approx(one.null_sd[feature], rel=0.1, abs=1e-9)
            reached = (values >= one.heldout[feature] - 1e-9).mean()
            assert reached == pytest.approx(one.p[feature], abs=4.5 * 0.5 / 6000**0.5)


def test_a_label_of_whole_donors_has_a_score_and_no_p():
    rng = np.random.default_rng(2)
    cells = donor_cells(rng, 4, per_donor=40, between=True)
    maximum = noise(rng, 160, 3)
    found = score_labels(
        csr_matrix(maximum), cells.ranked(maximum, donors=True, bins=2), np.arange(160) % 4 == 0, 0, [0]
    )
    assert all(np.isnan(one.p).all() and np.isnan(one.null_mean).all() for one in found)
    assert not any(np.isnan(one.heldout).any() for one in found)


def test_noise_features_are_called_at_the_nominal_rate():
    """3,000 features of noise in 150 families: hardly one has a discovery; p is no smaller than it should be.

    The published score of eight types that mean nothing is above 0 for nearly all features.
    """
    rng = np.random.default_rng(3)
    cells, maximum = deep_cells(rng, n=400, pull=0.5), noise(rng, 400, 3000)
    ranked = cells.ranked(maximum, bins=4)
    found = score_labels(csr_matrix(maximum), ranked, np.arange(400) % 4 == 0, 0, [0])
    types = rng.integers(0, 8, 400)
    best = BestOfFive(csr_matrix(maximum[:, :300]), 8)
    for kind in SCORES:
        p = np.stack([one.p for one in found if one.kind == kind])
        families = np.split(p, 150, axis=1)
        discoveries = np.mean([(family_q([one])[0] <= 0.05).any() for one in families])
        assert discoveries <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5
        assert 0.02 < (p <= 0.05).mean() < 0.055
        positive = best.score(kind, types, np.arange(8))[0].max(axis=1) > 0
        assert positive.mean() > 0.98


def test_planted_labels_score_on_held_out_cells_and_depth_alone_does_not():
    rng = np.random.default_rng(4)
    cells = deep_cells(rng, n=2000)
    n_noise, n_planted, n_deep = 300, 40, 100
    fires = rng.random((2000, n_planted)) < np.where(cells.label == 1, 0.98, 0.02)[:, None]
    planted = fires * rng.uniform(1, 2, fires.shape)
    maximum = np.hstack([planted, noise(rng, 2000, n_noise), deep_features(rng, cells, n_deep)])
    heldout = rng.random(2000) < 0.25
    plain = score_labels(csr_matrix(maximum), cells.ranked(maximum, bins=1), heldout, 0, [0])
    found = score_labels(csr_matrix(maximum), cells.ranked(maximum), heldout, 0, [0])
    for kind in SCORES:
        (own,) = [one for one in found if (one.kind, one.label) == (kind, 1)]
        assert (own.heldout[:n_planted] > 0.6).all()
        own_q, plain_q = (
            family_q([one.p for one in scores if one.kind == kind])[1] <= 0.05 for scores in (found, plain)
        )
        assert own_q[:n_planted].all()
        assert own_q[n_planted:].sum() <= 0.05 * own_q.sum() + 3
        assert plain_q[-n_deep:].mean() > 0.5, "without strata, library size passes for the label"
        assert own_q[-n_deep:].mean() < 0.02


def test_published_scores_equal_a_loop():
    rng = np.random.default_rng(5)
    maximum, label = noise(rng, 120, 4), rng.integers(0, 3, 120)
    best = BestOfFive(csr_matrix(maximum), 3)
    for kind in SCORES:
        value, threshold = best.score(kind, label, np.array([0, 2]))
        for place, one in enumerate((0, 2)):
            for feature in range(4):
                column = maximum[:, feature]
                levels = [share * column.max() for share in LEVELS[kind]]
                calls = [column > level if kind == "ami" else column >= level for level in levels]
                scores = [value_of(kind, label == one, call) for call in calls]
                assert value[feature, place] == pytest.approx(max(scores), abs=1e-9)
                assert threshold[feature, place] == pytest.approx(levels[int(np.argmax(scores))], rel=1e-9)
