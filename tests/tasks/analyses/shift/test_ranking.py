"""Features of batches are found within types, features of types within batches, on reference cells alone."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from scipy.stats import mannwhitneyu

from tasks.analyses.ranked.step import NamedFeature
from tasks.analyses.shift.ranking import rank_features, telling_scores
from tasks.analyses.shift.step import ShiftSettings
from tasks.store import RequestError
from tests.builders.planted_batches import BATCH_AXES, TYPE_AXES, batch_world

SETTINGS = ShiftSettings(wanted=True, batch="batch", n_features=(2,), min_cells=5)


@pytest.fixture(scope="module")
def world():
    return batch_world()


def choosing(world):
    return np.arange(len(world.cells)) // 6 % 2 == 0  # half of every type in every batch


def test_scores_are_those_of_single_tests(world):
    """Slow twin: U within every type, weighed as van Elteren does."""
    roles, activity = world.roles(choosing(world)), world.activity[choosing(world)]
    found = telling_scores("batch", 5, activity, roles)
    label, batch = roles.label[roles.chooses], roles.batch[roles.chooses]
    for feature in range(activity.shape[1]):
        above, below = 0.0, 0.0
        for one in np.unique(label):
            x, y = (activity[(label == one) & (batch == name), feature] for name in "ab")
            above += mannwhitneyu(x, y).statistic / (len(x) + len(y) + 1)
            below += len(x) * len(y) / (len(x) + len(y) + 1)
        enough = (activity[:, feature] > 0).sum() >= 5
        assert found[feature] == pytest.approx(abs(2 * above / below - 1) if enough else 0.0, abs=1e-12)


@pytest.mark.parametrize(("selector", "axes"), [("batch", BATCH_AXES), ("type", TYPE_AXES)])
def test_planted_features_come_first_in_every_world(selector, axes):
    settings = SETTINGS.model_copy(update={"n_features": (len(axes),)})
    for seed in range(20):
        world = batch_world(120, seed=seed)
        choice = rank_features(selector, settings, 0, world.activity, world.roles(choosing(world)), None)
        assert set(choice.features) == set(axes), seed
        assert choice.scores == sorted(choice.scores, reverse=True)


def test_labels_of_other_cells_take_no_part(world):
    """Cells that do not choose, those of other batches among them, may be called anything."""
    chooses = choosing(world)
    before = rank_features("batch", SETTINGS, 0, world.activity, world.roles(chooses), None)
    for names in (world.batch, world.label):
        kept = names[~chooses].copy()
        names[~chooses] = np.random.default_rng(0).permutation(kept)
        after = rank_features("batch", SETTINGS, 0, world.activity, world.roles(chooses), None)
        names[~chooses] = kept
        assert after == before


def test_a_feature_of_types_scores_as_chance_within_types(world):
    scores = telling_scores("batch", 5, world.activity[choosing(world)], world.roles(choosing(world)))
    assert max(scores[list(TYPE_AXES)]) < 0.5
    assert min(scores[list(BATCH_AXES)]) > 0.99


def described(**tables):
    return SimpleNamespace(read_table=lambda name: tables[name])


def test_genes_terms_and_names(world):
    genes = pl.DataFrame({"feature": [4, 4, 7, 8], "symbol": ["X", "y", "Y", "Z"], "score": [1.0, 2.0, 3.0, 9.0]})
    terms = pl.DataFrame(
        {"feature": [2, 2, 5], "term": ["t", "t", "u"], "q": [1e-3, 1e-5, 0.0], "significant": [True, True, True]}
    )
    step = described(feature_gene=genes, annotation=terms)
    roles = world.roles(choosing(world))

    def ranked(selector, **more):
        settings = ShiftSettings(**{**SETTINGS.model_dump(), "selectors": (selector,), **more})
        return rank_features(selector, settings, 0, world.activity, roles, step)

    found = ranked("gene", genes=("Y",))
    assert (found.features, found.scores) == ([7, 4], [3.0, 2.0])
    found = ranked("term", terms=("t", "u"))
    assert (found.features, found.scores) == ([5, 2], [pytest.approx(300.0), pytest.approx(5.0)])
    named = (NamedFeature(layer=0, feature=9), NamedFeature(layer=1, feature=3), NamedFeature(layer=0, feature=1))
    assert ranked("named", features=named).features == [9, 1]
    with pytest.raises(RequestError, match="gene finds no feature in layer 0"):
        ranked("gene", genes=("nobody",))
    with pytest.raises(RequestError, match="names feature 99 of layer 0, whose autoencoder has features 0 to 11"):
        ranked("named", features=(NamedFeature(layer=0, feature=99),))
