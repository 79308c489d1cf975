"""Which features are patched, what belongs to each, and requests that cannot be done: one line each."""

import polars as pl
import pytest
from pydantic import ValidationError

from tasks.analyses.patching import step
from tasks.analyses.patching.features import Described, choose_features, patched_features
from tasks.analyses.patching.published import require_kind
from tasks.analyses.patching.step import PatchingSettings
from tasks.analyses.ranked.step import NamedFeature
from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.store import RequestError
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.own_models import described
from tests.tasks.analyses.patching.conftest import planted_model

LAYER = 2
FEATURES = pl.DataFrame(
    {"feature": range(7), "alive": [True] * 6 + [False], "frequency": [0.5, 0.02, 0.04, 0.3, 0.001, 0.29, 0.0]}
)
ANNOTATION = pl.DataFrame(
    {
        "feature": [1, 1, 2, 3],
        "library": ["sets"] * 4,
        "term": ["both", "other", "both", "weak"],
        "q": [0.01, 0.04, 0.03, 0.4],
        "p": [0.001, 0.002, 0.003, 0.2],
        "significant": [True, True, True, False],
    }
)
GENES = pl.DataFrame({"feature": [1, 1, 1], "gene_id": ["E1", "E2", "E3"], "published_rank": [2, 1, None]})
SYMBOLS = pl.DataFrame({"gene_id": ["E1", "E2", "E3", "E9"], "token_id": [11, 12, 13, None]})
TOKEN_OF = {"ACTB": 11, "CD3D": 14, "LYZ": 15}
SETS = {"sets": {"both": frozenset({"ACTB", "Cd3d", "LYZ", "UNKNOWN"}), "other": frozenset({"LYZ"})}}
DESCRIBED = Described(FEATURES, GENES, ANNOTATION)


def asking(**changes):
    return PatchingSettings(wanted=True, **changes)


def named(*features):
    return tuple(NamedFeature(layer=LAYER, feature=one) for one in features)


def test_features_of_gene_sets_come_first_then_the_most_frequent():
    assert choose_features(asking(n_features=2), LAYER, DESCRIBED) == [1, 2]
    assert choose_features(asking(n_features=4), LAYER, DESCRIBED) == [0, 1, 2, 3]
    assert choose_features(asking(n_features=50), LAYER, DESCRIBED) == [0, 1, 2, 3, 5]
    assert choose_features(asking(features=named(4, 0)), LAYER, DESCRIBED) == [0, 4]


def test_targets_are_members_of_the_best_set_that_are_not_the_features_own():
    one, none = patched_features([1, 3], DESCRIBED, SETS, TOKEN_OF, SYMBOLS)
    assert (one.term, one.n_annotations) == ("both", 2)
    assert one.own == {11, 12, 13}
    assert one.members == {14, 15}
    assert one.published == (12, 11)
    assert (none.term, none.members, none.own) == (None, frozenset(), frozenset())
    assert (one.matched, none.matched) == (2, 5)  # nearest in log frequency, outside the chosen ones


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"features": named(6)}, "patching.features: feature 6 of layer 2 never fires: name another"),
        ({"features": named(9)}, "patching.features: feature 9 of layer 2 is none of 0 to 6: name another"),
        ({"min_frequency": 0.9}, "no feature of layer 2 fires at 0.9 of the positions or more: lower"),
    ],
)
def test_features_that_are_not_there_are_refused_in_one_line(changes, line):
    with pytest.raises(RequestError, match=line) as refused:
        choose_features(asking(**changes), LAYER, DESCRIBED)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"multiplier": 1}, "multiplier = 1 changes nothing: 0 takes a feature out"),
        ({"multiplier": float("nan")}, "finite number"),
        ({"targets": ("term", "term")}, "targets holds an entry twice"),
        ({"features": named(3, 3)}, "features holds an entry twice"),
        ({"n_flips": 900, "fine_flips": 800}, "fine_flips .800. is below n_flips"),
    ],
)
def test_settings_that_ask_for_nothing_are_refused(changes, line):
    with pytest.raises(ValidationError, match=line):
        asking(**changes)


def test_a_rule_of_logits_is_refused_where_values_are_predicted():
    require_kind("published_scgpt", planted_model(predicts="values"))
    with pytest.raises(RequestError, match="linear predicts values: take published_scgpt"):
        require_kind("published_geneformer", planted_model(predicts="values"))


def test_what_the_files_tell_is_refused_before_anything_runs(tmp_path):
    silent = ModelSettings(path=str(tmp_path), own=described(mask=None))

    def asks(model, **changes):
        sections = {"patching": PatchingSettings(**changes), "cells": CellsSettings(obs=("donor",)), "model": model}
        return step.outside(Sections(sections), LAYER)

    with pytest.raises(
        RequestError, match=r"model\.own names no mask token: set model\.own\.mask, or leave patching out"
    ):
        asks(silent, wanted=True)
    with pytest.raises(RequestError, match=r"patching.unit: patient is not kept: add it to cells.obs, which has donor"):
        asks(ModelSettings(), wanted=True, unit="patient")
    assert asks(silent) == asks(ModelSettings(), wanted=True, unit="donor") == {}
