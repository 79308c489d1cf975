"""Designed sets: what their members share, how often they fire, and that no feature is used twice."""

import numpy as np
import polars as pl
import pytest

from tasks.combine.activity import SCHEMA
from tasks.combine.described import Described
from tasks.combine.design import designed_sets
from tasks.combine.settings import DesignSettings
from tasks.store import RequestError

LAYERS, N_CELLS, N_FEATURES = (0, 1, 2), 40, 120
DESIGN = DesignSettings(layers=LAYERS, sets=4, min_cells=8)


@pytest.fixture(scope="module")
def world():
    """Two thirds of the features have two terms of thirty, the same in all layers; all are active in most cells."""
    rng = np.random.default_rng(0)
    terms = {
        (layer, feature): frozenset(f"reactome: {term}" for term in rng.choice(30, 2, replace=False))
        for layer in LAYERS
        for feature in range(0, N_FEATURES)
        if feature % 3
    }
    frequency = {(layer, each): float(10 ** rng.uniform(-3, -1)) for layer in LAYERS for each in range(N_FEATURES)}
    rows = [(cell, layer, each, 1) for layer, each in frequency for cell in range(N_CELLS) if rng.random() < 0.8]
    return Described(terms, frequency), pl.DataFrame(rows, schema=SCHEMA, orient="row")


def members(each):
    return [(one.layer, one.feature) for one in each.members]


def test_each_kind_is_what_it_says(world):
    described, activity = world
    sets = designed_sets(DESIGN, 0, described, activity)
    kinds = [each.design for each in sets]
    assert [kinds.count(kind) for kind in ("pathway", "across", "random")] == [4, 4, 4]
    for each in sets:
        own = [described.of(one) for one in members(each)]
        assert [layer for layer, _ in members(each)] == list(LAYERS)
        assert each.drawn
        if each.design == "pathway":
            assert all(each.pathway in terms for terms in own)
            continue
        assert each.pathway is None
        assert sum(map(len, own)) == len(frozenset.union(*own))
        assert all(own) or each.design == "random"
    assert len({one for each in sets for one in members(each)}) == 12 * 3


def test_members_are_active_together_and_fire_alike(world):
    described, activity = world
    sets = designed_sets(DESIGN, 0, described, activity)
    by_kind = {kind: [each for each in sets if each.design == kind] for kind in ("pathway", "across", "random")}
    for each in sets:
        cells = [
            set(activity.filter(layer=layer, feature=feature)["cell_id"].to_list()) for layer, feature in members(each)
        ]
        assert len(set.intersection(*cells)) >= DESIGN.min_cells
    for kind in ("across", "random"):
        for model, other in zip(by_kind["pathway"], by_kind[kind], strict=True):
            for one, two in zip(members(model), members(other), strict=True):
                assert abs(np.log10(described.frequency[one] / described.frequency[two])) < 0.5


def test_sets_follow_their_seed(world):
    first, again, other = (designed_sets(DESIGN, seed, *world) for seed in (0, 0, 1))
    assert first == again != other


def test_where_no_term_is_shared_nothing_is_made_up(world):
    described, activity = world
    bare = Described({each: terms for each, terms in described.terms.items() if each[0]}, described.frequency)
    with pytest.raises(RequestError, match="no term is significant for features of all layers 0, 1, 2") as refused:
        designed_sets(DESIGN, 0, bare, activity)
    assert len(str(refused.value).splitlines()) == 1


def test_there_are_fewer_sets_where_features_are_few(world):
    described, activity = world
    few = activity.filter(pl.col("feature") < 8)
    sets = designed_sets(DESIGN, 0, described, few)
    assert 0 < sum(each.design == "pathway" for each in sets) < 4
    used = [one for each in sets for one in members(each)]
    assert len(used) == len(set(used))
