"""Features of several layers changed together, against hooks in the whole model that splice the changes in."""

from contextlib import ExitStack

import pytest
import torch

from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.joint import Joint, Plan, states_of
from tests.tasks.interventions.conftest import LAYER

LAST = 3
KINDS = {
    "scale": lambda codes, amount: codes * amount,
    "clamp": lambda codes, amount: torch.where(codes > 0, amount, codes),
    "add": lambda codes, amount: codes + amount,
}


@pytest.fixture(scope="module")
def encoders(world):
    return {LAYER: TiledEncoder(world.sae), LAYER + 1: TiledEncoder(world.later)}


@pytest.fixture(scope="module")
def changes(world, encoders):
    """Two features of the first layer and two of the next, all active there in the undisturbed cell."""
    (clean,) = states_of(world.copies, [Plan.nothing(world.copies)], {LAYER + 1})
    codes = encoders[LAYER + 1].encode(clean[LAYER + 1][world.copies.genes])
    later = torch.bincount(codes.indices[codes.values > 0], minlength=world.later.n_features).argsort(descending=True)
    return (
        Change(LAYER, world.loud[0], "scale", 0.0),
        Change(LAYER, world.loud[1], "clamp", 2.5),
        Change(LAYER + 1, int(later[0]), "scale", 3.0),
        Change(LAYER + 1, int(later[1]), "add", 0.7),
    )


def real(encoders):
    return {layer: one.sae.W_dec.detach().cpu() for layer, one in encoders.items()}


def dense(sae, states):
    codes = sae.encode(states)
    return torch.zeros(len(states), sae.n_features).scatter_(1, codes.indices, codes.values)


@torch.inference_mode()
def hooked(world, saes, rule):
    """The whole model with a hook at each layer of ``saes``: the output at genes plus ``rule(sae, states)``."""
    genes, model, found = world.copies.genes, world.adapter.model, {}

    def splicing(layer):
        def hook(_module, _inputs, output):
            hidden = (output[0] if isinstance(output, tuple) else output).clone()
            if layer in saes:
                hidden[0, genes] += rule(saes[layer], hidden[0, genes])
            found[layer] = hidden[0]
            return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

        return hook

    with ExitStack() as hooks:
        for layer, block in enumerate(model.bert.encoder.layer):
            hooks.enter_context(block.register_forward_hook(splicing(layer)))
        model(world.cell.tokens)
    return found


def spliced(changes):
    """What the changes of an autoencoder's layer add to states, all its features decoded."""

    def rule(sae, states):
        before = dense(sae, states)
        after = before.clone()
        for one in changes:
            if one.layer == sae.layer:
                after[:, one.feature] = KINDS[one.kind](before[:, one.feature], one.amount)
        return after @ sae.W_dec - before @ sae.W_dec

    return rule


@pytest.mark.parametrize("rows", [(0,), (0, 1), (0, 2), (0, 1, 2, 3)])
def test_changes_of_several_layers_are_those_of_hooks_in_the_whole_model(world, encoders, changes, rows):
    own = [changes[row] for row in rows]
    joint = Joint(own, {one.layer: encoders[one.layer] for one in own})
    plan = joint.plan(world.copies, real(encoders))
    assert set(plan.later) == {one.layer for one in own} - {LAYER}
    nothing = Plan.nothing(world.copies)
    before, found, again = states_of(world.copies, [nothing, plan, nothing], {LAYER, LAYER + 1, LAST})
    slow = hooked(world, {layer: encoders[layer].sae for layer in joint.layers}, spliced(own))
    for layer in (LAYER, LAYER + 1, LAST):
        assert (found[layer] - before[layer]).abs().max() > 1e-3
        assert torch.allclose(found[layer], slow[layer], atol=2e-5), layer
        assert torch.equal(before[layer], again[layer])
    assert torch.equal(before[LAST], world.copies.final)


def test_a_later_feature_acts_on_what_the_earlier_change_has_left(world, encoders, changes):
    """Scaling it by 3 in the undisturbed cell and adding the two effects is something else."""
    first, later = changes[0], changes[2]
    plans = [Joint(own, encoders).plan(world.copies, real(encoders)) for own in ((first, later), (first,))]
    both, alone = states_of(world.copies, plans, {LAYER + 1})
    sae, genes = encoders[LAYER + 1].sae, world.copies.genes
    added = (both[LAYER + 1] - alone[LAYER + 1])[genes]
    code = dense(sae, alone[LAYER + 1][genes])[:, later.feature]
    assert torch.allclose(added, 2 * code[:, None] * sae.W_dec[later.feature], atol=1e-5)
    (clean,) = states_of(world.copies, [Plan.nothing(world.copies)], {LAYER + 1})
    undisturbed = dense(sae, clean[LAYER + 1][genes])[:, later.feature]
    assert (code - undisturbed).abs().max() > 1e-3


def test_reconstruction_of_several_layers_is_that_of_hooks(world, encoders, changes):
    plan = Joint(changes, encoders).reconstruction(world.copies)
    (found,) = states_of(world.copies, [plan], {LAST})
    saes = {layer: one.sae for layer, one in encoders.items()}
    slow = hooked(world, saes, lambda sae, states: sae.decode(sae.encode(states)) - states)
    assert torch.allclose(found[LAST], slow[LAST], atol=5e-5)


def test_directions_of_controls_take_the_place_of_the_features_own(world, encoders, changes):
    """Zeros in place of directions leave every copy as it was, bit for bit, whatever goes beside it."""
    zeros = {layer: torch.zeros_like(rows) for layer, rows in real(encoders).items()}
    joint = Joint(changes, encoders)
    moved, still = states_of(world.copies, [joint.plan(world.copies, rows) for rows in (real(encoders), zeros)], {LAST})
    assert not torch.equal(moved[LAST], world.copies.final)
    assert torch.equal(still[LAST], world.copies.final)
