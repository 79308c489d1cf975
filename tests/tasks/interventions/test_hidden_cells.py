"""One cell at a time hides, predicts and scores as step ``model`` does on batches: ranks, values, and next genes."""

import pytest
import torch

from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import hide
from tasks.interventions.readout import fit, predict
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.models.masked import masked_gene_loss, scored_genes
from tasks.sae import Sae
from tests.builders.llama_files import decoder_cells, ensembl, tiny_llama
from tests.builders.models import random_cells, tiny_geneformer, valued_cells
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt


def scgpt(path):
    return tiny_scgpt(path, symbols(60))


def scfoundation(path):
    return tiny_scfoundation(path, symbols(60))


def llama(path):
    return tiny_llama(path, ensembl(60))


def axes(d):
    """An autoencoder whose features are the axes of layer 0."""
    eye = torch.eye(d)
    return Sae("L00-axes", "any", 0, 4, eye, torch.zeros(d), eye, torch.zeros(d))


@pytest.mark.parametrize(
    ("write", "draw"),
    [
        (tiny_geneformer, random_cells),
        (scgpt, valued_cells),
        (scfoundation, valued_cells),
        (llama, decoder_cells),
    ],
)
def test_fit_of_the_undisturbed_cell_is_the_masked_loss(tmp_path, write, draw):
    adapter = load_adapter(write(tmp_path / "model"))
    cells = draw(adapter.vocabulary, [30])
    at = torch.from_numpy(scored_genes(adapter, cells, seed=3).nonzero()[0])
    hidden = hide(adapter, one_cell(cells, 0), at)
    copies = Copies.of(adapter, 0, TiledEncoder(axes(adapter.info.d_model)), hidden.shown, hidden.genes)
    assert hidden.at.tolist() == at.tolist()
    found = fit(predict(adapter, copies.final, hidden.shown, hidden.asked), hidden.truth)
    assert float(-found.mean()) == pytest.approx(masked_gene_loss(adapter, cells, seed=3), rel=1e-5)
    assert len(hidden.genes) >= len(at) > 1


def test_what_is_done_at_a_gene_or_behind_it_reaches_no_prediction_of_a_decoder(tmp_path):
    adapter = load_adapter(llama(tmp_path / "model"))
    cell = one_cell(decoder_cells(adapter.vocabulary, [30]), 0)
    hidden = hide(adapter, cell, torch.arange(1, 29))
    copies = Copies.of(adapter, 0, TiledEncoder(axes(adapter.info.d_model)), hidden.shown, hidden.genes)
    moved = Displacement(torch.tensor([10]), torch.ones(1, adapter.info.d_model))
    before, after = (
        predict(adapter, final, hidden.shown, hidden.asked) for final in (copies.final, next(copies.finals([moved])))
    )
    change = (fit(after, hidden.truth) - fit(before, hidden.truth)).abs()
    assert hidden.shown is cell
    assert torch.equal(hidden.truth, cell.tokens[0, hidden.places])
    assert change[hidden.places <= 10].max() < 1e-5
    assert change[hidden.places > 10].min() > 1e-5


def test_a_model_that_reads_no_mask_is_shown_the_cell_without_its_hidden_genes(tmp_path):
    adapter = load_adapter(scfoundation(tmp_path / "model"))
    cell = one_cell(valued_cells(adapter.vocabulary, [12]), 0)
    hidden = hide(adapter, cell, torch.tensor([2, 5]))
    left = [i for i in range(12) if i not in (2, 5)]
    assert torch.equal(hidden.shown.tokens, cell.tokens[:, left])
    assert torch.equal(hidden.shown.values, cell.values[:, left])
    assert hidden.genes.tolist() == list(range(8))
    assert torch.equal(hidden.tokens, cell.tokens[0, [2, 5]])
    assert torch.equal(hidden.truth, cell.values[0, [2, 5]])
    assert (hidden.at.tolist(), hidden.places.tolist()) == ([2, 5], [-1, -1])
