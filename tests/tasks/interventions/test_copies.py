"""Copies of a cell end where the whole model, run for each alone, ends; an unchanged one exactly at the clean end."""

import pytest
import torch

from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import draw_rounds, hide
from tasks.interventions.readout import divergence, embedding, fit, predict, require_predictions
from tasks.models.batches import Asked
from tasks.models.splice import run_spliced
from tasks.store import RequestError
from tests.tasks.interventions.conftest import LAYER


def displacements(world):
    copies = world.copies
    changes = [Change(LAYER, feature, "scale", 0.0) for feature in world.loud[:7]]
    return [one.displacement(copies.sites, copies.genes, world.sae.W_dec[one.feature]) for one in changes]


@torch.inference_mode()
def whole_model(world, displacement):
    """The slow twin: every block, one copy, the displacement spliced in by a function of the states."""
    gene = world.adapter.is_gene(world.cell.tokens)

    def replaced(states):
        moved = world.copies.hidden.clone()
        moved[gene[0]] = states
        moved[displacement.positions] += displacement.values
        return moved[gene[0]]

    return run_spliced(world.adapter, world.cell, gene, (LAYER, replaced))[0]


def test_copies_end_where_the_whole_model_ends(world):
    assert 1 < world.copies.batch < 7
    for one, final in zip(displacements(world), world.copies.finals(displacements(world)), strict=True):
        assert (final - world.copies.final).abs().max() > 1e-3
        assert torch.allclose(final, whole_model(world, one), atol=1e-5)


def test_nothing_changes_nothing_bit_for_bit_whatever_goes_beside_it(world):
    moved = displacements(world)
    nothing = Displacement(moved[0].positions[:0], moved[0].values[:0])
    zero = Displacement(moved[0].positions, torch.zeros_like(moved[0].values))
    found = list(world.copies.finals([moved[0], nothing, moved[1], zero, moved[0]]))
    assert torch.equal(found[1], world.copies.final)
    assert torch.equal(found[3], world.copies.final)
    assert torch.equal(found[0], found[4])


def test_read_outs_are_those_of_the_whole_head(world):
    at = world.copies.genes[3:9]
    asked = Asked.of(world.cell, at)
    final = next(world.copies.finals(displacements(world)))
    before, after = (predict(world.adapter, one, world.cell, asked) for one in (world.copies.final, final))
    logits = world.adapter.predict(final)[at]
    tokens = world.cell.tokens[0, at]
    assert torch.allclose(fit(after, tokens), -torch.nn.functional.cross_entropy(logits, tokens, reduction="none"))
    apart = torch.nn.functional.kl_div(after, before, log_target=True, reduction="none").sum(-1)
    assert torch.allclose(divergence(before, after).float(), apart, atol=1e-6)
    assert not divergence(before, before).any()
    assert (divergence(before, before + 1e-6 * torch.randn(before.shape)) > 0).all()
    whole = world.adapter.embed_cells(final[None], world.cell)[0]
    assert torch.equal(embedding(world.adapter, final, world.cell), whole)


def test_values_have_a_fit_and_no_divergence():
    found, truth = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 3.0])
    assert fit(found, truth).tolist() == [-1.0, 0.0]
    assert divergence(found, truth) is None


def test_a_model_that_predicts_nothing_is_refused(world):
    class Mute:
        predicts, info = "nothing", world.adapter.info

    with pytest.raises(RequestError, match="patching reads what a model predicts of hidden genes"):
        require_predictions(Mute(), "patching")
    require_predictions(world.adapter, "patching")


def test_rounds_hide_no_gene_twice_and_the_truth_is_kept(world):
    rounds = draw_rounds(world.copies.genes, 0.2, 3, [0, 7])
    assert len(rounds) == 3
    assert len(torch.cat(rounds)) == len(set(torch.cat(rounds).tolist()))
    assert not torch.equal(rounds[0], draw_rounds(world.copies.genes, 0.2, 3, [1, 7])[0])
    hidden = hide(world.adapter, world.cell, rounds[0])
    assert (hidden.shown.tokens[0, rounds[0]] == world.adapter.vocabulary.mask).all()
    assert torch.equal(hidden.truth, world.cell.tokens[0, rounds[0]])
    assert (hidden.shown.tokens != world.cell.tokens).sum() == len(rounds[0])
    assert torch.equal(hidden.genes, world.copies.genes)
    copies = Copies.of(world.adapter, LAYER, TiledEncoder(world.sae), hidden.shown, hidden.genes)
    assert torch.isin(rounds[0], copies.sites.positions).any()  # features are read at hidden positions too
