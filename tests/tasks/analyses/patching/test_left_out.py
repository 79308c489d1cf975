"""Patching a model whose encoder is not shown hidden genes, against both halves of scFoundation written out."""

import numpy as np
import pytest
import torch

from tasks.analyses.patching.features import Patched
from tasks.analyses.patching.measure import HIDDEN, Measurement, ranks
from tasks.analyses.patching.step import PatchingSettings
from tasks.analyses.patching.treatments import Treatments
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.hidden import draw_rounds
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.sae import Sae
from tests.builders.models import valued_cells
from tests.builders.plain_performer import plain_values
from tests.builders.plain_post_norm import Weights, block, plain_scfoundation
from tests.builders.scfoundation_files import PREFIX, TINY_DECODER, tiny_scfoundation
from tests.builders.scgpt_files import symbols

LAYER, D, N_TOKENS, FEATURES = 1, 24, 83, (0, 5)
SETTINGS = PatchingSettings(wanted=True, hidden_share=0.25, rounds=2)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Weights by name, a cell, and what was measured in it; features are the positive coordinates of a state."""
    folder = tiny_scfoundation(tmp_path_factory.mktemp("model") / "tiny", symbols(80))
    adapter, eye = load_adapter(folder), torch.eye(D)
    cell = one_cell(valued_cells(adapter.vocabulary, [34]), 0)
    encoder = TiledEncoder(Sae("L01-axes", "any", LAYER, D, eye, torch.zeros(D), eye, torch.zeros(D)))
    patched = [Patched(one, 0.5, frozenset(), (), 0, None, frozenset(), None) for one in FEATURES]
    treatments = Treatments.of(patched, encoder, [torch.randn(50, D)], 0.0, 0)
    rounds = Measurement(SETTINGS, adapter, encoder, treatments).rounds(4, cell, controls=True)
    checkpoint = torch.load(folder / "models.ckpt", weights_only=True)
    return Weights(checkpoint["cell"]["state_dict"], PREFIX), cell, list(rounds)


def squared_errors(weights, last, cell, at):
    """Of the values of the genes at ``at``, from the last outputs of the other positions."""
    tokens, values = cell.tokens[0].numpy(), cell.values[0].numpy()
    found = plain_values(weights, last, np.delete(tokens, at), tokens[at].tolist(), N_TOKENS, TINY_DECODER)
    return (found[tokens[at]] - values[at]) ** 2


def test_changes_are_those_of_the_written_out_model(measured):
    weights, cell, rounds = measured
    tokens, values = cell.tokens[0].numpy(), cell.values[0].numpy()
    drawn = draw_rounds(torch.arange(32), SETTINGS.hidden_share, SETTINGS.rounds, [SETTINGS.seed, HIDDEN, 4])
    assert len(rounds) == len(drawn) == 2
    for one, hidden in zip(rounds, drawn, strict=True):
        at = hidden.numpy()
        states = plain_scfoundation(weights, np.delete(tokens, at), np.delete(values, at), 3, 4)
        clean = squared_errors(weights, states[-1], cell, at)
        taken_out = {copy.feature: copy.d for copy in one.copies if copy.treatment == "real"}
        assert set(taken_out) == set(FEATURES)
        for feature, change in taken_out.items():
            moved = states[LAYER + 1].copy()
            genes = slice(0, len(moved) - 2)  # T and S stand behind the genes
            moved[genes, feature] = np.minimum(moved[genes, feature], 0)
            last = block(weights, "encoder.transformer_encoder.2.", moved, 4)
            wanted = clean - squared_errors(weights, last, cell, at)
            np.testing.assert_allclose(change.numpy(), wanted, rtol=1e-3, atol=1e-3 * np.abs(wanted).max())
        (nothing,) = (copy.d for copy in one.copies if copy.treatment == "zero")
        assert not nothing.any()


def test_hidden_genes_are_named_and_have_no_state(measured):
    _, cell, rounds = measured
    drawn = draw_rounds(torch.arange(32), SETTINGS.hidden_share, SETTINGS.rounds, [SETTINGS.seed, HIDDEN, 4])
    for one, at in zip(rounds, drawn, strict=True):
        assert torch.equal(one.tokens, cell.tokens[0, at])
        assert torch.equal(one.rank, ranks(cell, torch.arange(32))[at])
        assert not any(acts.any() for acts in one.acts.values())
