"""A trial says what the slow way says: the whole model run on the cell, clean and with the feature changed."""

import pytest
import torch

from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.hidden import draw_rounds, hide
from tasks.interventions.trial import HIDDEN, HIDDEN_SHARE, N_RANDOM, directions, try_change
from tasks.models.splice import run_spliced
from tasks.store import RequestError
from tests.tasks.interventions.conftest import LAYER

MULTIPLIER = 3.0


@pytest.fixture(scope="module")
def encoders(world):
    return {LAYER: TiledEncoder(world.sae), LAYER + 1: TiledEncoder(world.later)}


@pytest.fixture(scope="module")
def trial(world, encoders):
    return try_change(world.adapter, encoders, world.cell, Change(LAYER, world.loud[0], "scale", MULTIPLIER), 5)


@torch.inference_mode()
def slow_states(world, shown, direction):
    """Last output [S, d] and the next layer's at genes, the activations multiplied along ``direction`` (None: not)."""
    gene = world.adapter.is_gene(world.cell.tokens)

    def changed(states):
        if direction is None:
            return states
        codes = world.sae.encode(states)
        own = torch.where(codes.indices == world.loud[0], codes.values, 0.0).sum(-1, keepdim=True)
        return states + (MULTIPLIER - 1) * own * direction

    final = run_spliced(world.adapter, shown, gene, (LAYER, changed))[0]
    hidden = list(world.adapter.blocks(world.adapter.embed(shown), 0, LAYER + 1))[-1].clone()
    hidden[gene] = changed(hidden[gene])
    later = next(iter(world.adapter.blocks(hidden, LAYER + 1, LAYER + 2)))[0]
    return final, later[gene[0]]


def rows(world):
    return [None, *directions(world.sae.W_dec[world.loud[0]], 5)]


def test_predictions_are_those_of_the_whole_model(world, trial):
    genes = world.copies.genes
    hidden = hide(world.adapter, world.cell, draw_rounds(genes, HIDDEN_SHARE, 1, [5, HIDDEN])[0])
    logs = [
        world.adapter.predict(slow_states(world, hidden.shown, row)[0][hidden.at]).log_softmax(-1)
        for row in rows(world)
    ]
    fits = torch.stack([one.gather(1, hidden.truth[:, None])[:, 0].double() for one in logs])
    changes = fits[1:] - fits[0]
    by_token = {one.token: one for one in trial.genes}
    assert set(by_token) == set(hidden.tokens.tolist())
    for place, token in enumerate(hidden.tokens.tolist()):
        assert by_token[token].change == pytest.approx(float(changes[0, place]), abs=1e-5)
        assert by_token[token].random == pytest.approx(float(changes[1:, place].abs().max()), abs=1e-5)
    sizes = [abs(one.change) for one in trial.genes]
    assert sizes == sorted(sizes, reverse=True)
    mean = next(one for one in trial.cell if one.readout == "fit")
    assert mean.value == pytest.approx(float(changes[0].mean()), abs=1e-5)
    assert mean.random == pytest.approx(changes[1:].mean(1).tolist(), abs=1e-5)


def test_embedding_and_later_features_are_those_of_the_whole_model(world, trial):
    found = [slow_states(world, world.cell, row) for row in rows(world)]
    clean, *moved = (world.adapter.embed_cells(final[None], world.cell)[0].double() for final, _ in found)
    apart = [1 - float(torch.nn.functional.cosine_similarity(clean, one, dim=0)) for one in moved]
    embedding = next(one for one in trial.cell if one.readout == "embedding")
    assert [embedding.value, *embedding.random] == pytest.approx(apart, abs=1e-6)
    dense = torch.zeros(len(found), world.later.n_features, dtype=torch.float64)
    for place, (_, later) in enumerate(found):
        codes = world.later.encode(later)
        dense[place].index_add_(0, codes.indices.flatten(), codes.values.double().flatten())
    changes = (dense[1:] - dense[0]) / len(world.copies.genes)
    assert trial.features
    assert all(one.layer == LAYER + 1 for one in trial.features)
    for one in trial.features:
        assert one.change == pytest.approx(float(changes[0, one.feature]), abs=1e-5)
        assert one.random == pytest.approx(float(changes[1:, one.feature].abs().max()), abs=1e-5)


def test_random_directions_are_as_long_and_differ(world):
    own, *drawn = directions(world.sae.W_dec[3], 0)
    assert len(drawn) == N_RANDOM
    assert all(one.norm().item() == pytest.approx(own.norm().item(), rel=1e-5) for one in drawn)
    assert len({tuple(one.tolist()) for one in drawn}) == N_RANDOM


def test_what_changes_nothing_is_refused(world, encoders):
    silent = next(one for one in range(world.sae.n_features) if one not in world.loud)
    with pytest.raises(RequestError, match="nowhere active in this cell"):
        try_change(world.adapter, encoders, world.cell, Change(LAYER, silent, "scale", 0.0), 0)
    with pytest.raises(RequestError, match="multiplies the feature by 1"):
        try_change(world.adapter, encoders, world.cell, Change(LAYER, world.loud[0], "scale", 1.0), 0)
