"""Every condition of every set against a whole forward pass of its own."""

import pytest
import torch

from tasks.combine.cell import active_positions, cell_effects
from tasks.combine.sets import Combination, Intervention
from tasks.combine.turned import turned_directions
from tasks.combine.walk import Walk
from tasks.models.batches import Batch
from tests.builders.slow_combine import slow_combination

TARGETS = (3, 4)


def combination(study, name, *members):
    """Members (layer, place among the loudest features of it, multiplier)."""
    found = [Intervention(layer, study.loud(layer, place + 1)[place], by) for layer, place, by in members]
    return Combination(name, tuple(sorted(found)), drawn=False)


def sets_of(study):
    return [
        combination(study, "apart", (0, 0, 0.0), (2, 0, 0.0)),
        combination(study, "in_one_layer", (1, 0, 0.0), (1, 1, 0.0)),
        combination(study, "three", (0, 0, 0.0), (1, 0, 0.0), (2, 0, 0.0)),
        combination(study, "doses", (0, 1, 2.0), (2, 1, 5.0)),
        combination(study, "mixed", (0, 0, 5.0), (2, 0, 0.0), (2, 1, 2.0)),
        combination(study, "single", (1, 0, 2.0)),
        combination(study, "late", (2, 0, 0.0), (3, 0, 0.0)),
    ]


def measured(study, combinations, floor=0.0, turned=None):
    walk = Walk(study.adapter, study.encoders, frozenset(TARGETS), Batch.of(study.tokens), turned=turned or {})
    readers = {layer: study.encoders[layer] for layer in TARGETS}
    found = cell_effects(walk, readers, combinations, floor)
    return {(each.combination, each.subset, each.layer): each.values for each in found}


def test_all_conditions_are_those_of_whole_forward_passes(study):
    combinations = sets_of(study)
    found = measured(study, combinations)
    tolerance = 1e-5 if study.adapter.model.dtype == torch.float32 else 1e-7  # effects are rounded to float32
    targets = {layer: study.saes[layer] for layer in TARGETS}
    compared = 0
    with torch.inference_mode():
        for each in combinations:
            slow = slow_combination(study.adapter.model, study.tokens, study.genes, study.saes, targets, each)
            for (subset, layer), effect in slow.items():
                values = found.pop((each.name, subset, layer))
                torch.testing.assert_close(values, effect.float(), rtol=0, atol=tolerance)
                assert effect.abs().max() > 1e-3
                compared += 1
    assert not found
    assert compared == 2 * (3 + 3 + 7 + 3 + 7 + 1) + 3


@pytest.mark.parametrize("control", ["random_direction", "covariance_matched"])
def test_controls_are_whole_passes_along_directions_as_long_as_the_features_own(single, control):
    own = sets_of(single)[2]
    each, cell = own.along(control), Batch.of(single.tokens)
    turned = turned_directions(single.adapter, single.saes, [cell], [own, each], 3)
    assert set(turned) == {(control, one.layer, one.feature) for one in own.members}
    for (_, layer, feature), direction in turned.items():
        feature_own = single.saes[layer].W_dec[feature]
        torch.testing.assert_close(direction.norm(), feature_own.norm())
        assert torch.cosine_similarity(direction, feature_own, dim=0).abs() < 0.9
    found = measured(single, [own, each], turned=turned)
    targets = {layer: single.saes[layer] for layer in TARGETS}
    with torch.inference_mode():
        slow = slow_combination(single.adapter.model, single.tokens, single.genes, single.saes, targets, each, turned)
    for (subset, layer), effect in slow.items():
        torch.testing.assert_close(found[each.name, subset, layer], effect.float(), rtol=0, atol=1e-5)
        assert not torch.equal(found[each.name, subset, layer], found[own.name, subset, layer])
    for key, values in measured(single, [own]).items():
        assert torch.equal(values, found[key])  # a control beside a set changes no bit of it


def test_what_else_is_measured_changes_no_bit(single):
    combinations = sets_of(single)
    together = measured(single, combinations)
    for each in combinations:
        for key, values in measured(single, [each]).items():
            assert torch.equal(values, together[key])


def test_a_member_without_an_active_position_adds_exactly_nothing(single):
    loud, n_features = single.loud(2, 1)[0], single.saes[0].n_features
    silent = next(feature for feature in range(n_features) if feature not in single.loud(0, n_features))
    pair = Combination("pair", (Intervention(0, silent, 0.0), Intervention(2, loud, 0.0)), drawn=False)
    found = measured(single, [pair])
    for layer in TARGETS:
        assert found["pair", (1,), layer].tolist() == [0.0] * n_features
        assert torch.equal(found["pair", (1, 2), layer], found["pair", (2,), layer])
        assert found["pair", (2,), layer].any()


@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_the_floor_cuts_small_effects_only(single, floor):
    pair = sets_of(single)[0]
    for key, values in measured(single, [pair], floor).items():
        whole = measured(single, [pair])[key]
        assert torch.equal(values, torch.where(whole.abs() > floor, whole, 0.0))


def test_positions_are_the_union_over_members(single):
    pair = sets_of(single)[0]
    walk = Walk(single.adapter, single.encoders, frozenset(TARGETS), Batch.of(single.tokens))
    list(walk.states({pair.members[:1], pair.members[1:]}))
    singles = [Combination("one", (member,), drawn=False) for member in pair.members]
    parts = [set(active_positions(each, walk.clean).tolist()) for each in singles]
    assert active_positions(pair, walk.clean).tolist() == sorted(set.union(*parts))
    assert all(parts)
