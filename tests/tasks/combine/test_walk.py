"""The walk runs what conditions share once, the undisturbed way first, and holds few states."""

import weakref
from itertools import combinations, product

import pytest
import torch

from tasks.combine.sets import Intervention
from tasks.combine.walk import Walk
from tasks.models.batches import Batch

DEEPEST = 4


class CountingAdapter:
    """Counts the blocks that run."""

    def __init__(self, adapter):
        self.adapter, self.run = adapter, []

    def __getattr__(self, name):
        return getattr(self.adapter, name)

    def blocks(self, hidden, first, stop):
        for layer, state in enumerate(self.adapter.blocks(hidden, first, stop), start=first):
            self.run.append(layer)
            yield state


def walk_of(study, targets=(DEEPEST,)):
    return Walk(CountingAdapter(study.adapter), study.encoders, frozenset(targets), Batch.of(study.tokens))


def conditions_of(members):
    return {subset for size in range(1, len(members) + 1) for subset in combinations(members, size)}


@pytest.fixture
def triplet(single):
    return tuple(Intervention(layer, single.loud(layer, 1)[0], 0.0) for layer in (0, 1, 3))


def test_a_triplet_runs_every_way_once_from_where_it_parts(single, triplet):
    """Ways after layers 0, 1 and 3 are 2, 4 and 8; from scratch, 8 conditions would run 40 blocks."""
    walk = walk_of(single)
    states = list(walk.states(conditions_of(triplet)))
    assert [walk.adapter.run.count(layer) for layer in range(5)] == [1, 2, 4, 4, 8]
    assert len(states) == 8
    assert len({condition for condition, _, _ in states}) == 8


def test_the_undisturbed_cell_comes_first_and_fills_the_clean_sites(single, triplet):
    walk = walk_of(single, (2, 4))
    seen = []
    for condition, layer, _ in walk.states(conditions_of(triplet)):
        seen.append((condition, layer))
        if condition:
            assert set(walk.clean) == {0, 1, 3}
    assert seen[:2] == [((), 2), ((), 4)]


def test_sets_share_what_they_have_in_common(single, triplet):
    both = walk_of(single)
    other = (triplet[0], Intervention(3, single.loud(3, 2)[1], 0.0))
    list(both.states(conditions_of(triplet) | conditions_of(other)))
    apart = 0
    for members in (triplet, other):
        walk = walk_of(single)
        list(walk.states(conditions_of(members)))
        apart += len(walk.adapter.run)
    assert len(both.adapter.run) < apart


def test_the_last_state_of_each_condition_is_that_of_a_walk_alone(single, triplet):
    together = {condition: state for condition, _, state in walk_of(single).states(conditions_of(triplet))}
    for condition in conditions_of(triplet):
        alone = {found: state for found, _, state in walk_of(single).states({condition})}
        assert torch.equal(alone[condition], together[condition])


def test_many_conditions_hold_no_more_states_at_once_than_layers(single):
    made, most = [], 0

    class Watched(CountingAdapter):
        def blocks(self, hidden, first, stop):
            nonlocal most
            made.append(weakref.ref(hidden))
            most = max(most, sum(reference() is not None for reference in made))
            yield from self.adapter.blocks(hidden, first, stop)

    members = [[Intervention(layer, feature, 0.0) for feature in single.loud(layer, 4)] for layer in (0, 1, 2)]
    walk = Walk(Watched(single.adapter), single.encoders, frozenset((DEEPEST,)), Batch.of(single.tokens))
    conditions = set().union(*(conditions_of(each) for each in product(*members)))
    assert len({condition for condition, _, _ in walk.states(conditions)}) == 5 * 5 * 5
    assert most <= 4  # one for each layer at which ways part, and the one that runs
