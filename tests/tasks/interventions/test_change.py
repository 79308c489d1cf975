"""What is added to a layer's output equals splicing the changed codes in, the reconstruction's error kept."""

import pytest
import torch

from tasks.interventions.change import Change, activity, together
from tests.tasks.interventions.conftest import LAYER


def added(world, change):
    """The displacement of a change as dense vectors [S, d]."""
    copies = world.copies
    displacement = change.displacement(copies.sites, copies.genes, world.sae.W_dec[change.feature])
    dense = torch.zeros_like(copies.hidden)
    dense[displacement.positions] = displacement.values
    return dense


@torch.inference_mode()
def spliced(world, feature, rule):
    """decode(changed codes) - decode(codes) at genes: the slow twin, all features decoded."""
    copies = world.copies
    codes = world.sae.encode(copies.hidden[copies.genes])
    dense = torch.zeros(len(copies.genes), world.sae.n_features).scatter_(1, codes.indices, codes.values)
    changed = dense.clone()
    changed[:, feature] = rule(dense[:, feature])
    found = torch.zeros_like(copies.hidden)
    found[copies.genes] = (changed - dense) @ world.sae.W_dec
    return found


RULES = {
    "scale": lambda a: 3.0 * a,
    "clamp": lambda a: torch.where(a > 0, 3.0, 0.0),
    "clamp_all": lambda a: torch.full_like(a, 3.0),
    "add": lambda a: a + 3.0,
}


@pytest.mark.parametrize("kind", RULES)
def test_every_kind_is_what_splicing_changed_codes_gives(world, kind):
    feature = world.loud[0]
    fast, slow = added(world, Change(LAYER, feature, kind, 3.0)), spliced(world, feature, RULES[kind])
    assert slow.abs().max() > 0.1
    assert torch.allclose(fast, slow, atol=1e-5)


def test_a_feature_that_is_nowhere_active_is_not_scaled(world):
    silent = next(each for each in range(world.sae.n_features) if each not in world.loud)
    assert len(activity(world.copies.sites, silent)[0]) == 0
    assert not added(world, Change(LAYER, silent, "scale", 0.0)).any()
    assert added(world, Change(LAYER, silent, "add", 1.0)).any()


def test_displacements_that_meet_are_added(world):
    copies = world.copies
    changes = [Change(LAYER, feature, "scale", 0.0) for feature in world.loud[:3]]
    each = [one.displacement(copies.sites, copies.genes, world.sae.W_dec[one.feature]) for one in changes]
    joint = together(each)
    assert len(joint.positions) == len(set(joint.positions.tolist()))
    dense = torch.zeros_like(copies.hidden)
    dense[joint.positions] = joint.values
    assert torch.allclose(dense, sum(added(world, one) for one in changes), atol=1e-6)
