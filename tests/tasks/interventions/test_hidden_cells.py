"""One cell at a time hides, predicts and scores as step ``model`` does on batches, for ranks and for values."""

import pytest
import torch

from tasks.causal.tiles import TiledEncoder
from tasks.interventions.copies import Copies
from tasks.interventions.hidden import hide
from tasks.interventions.readout import fit, predict
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tasks.models.masked import draw_hidden, masked_gene_loss
from tasks.sae import Sae
from tests.builders.models import random_cells, tiny_geneformer, valued_cells
from tests.builders.scgpt_files import symbols, tiny_scgpt


def scgpt(path):
    return tiny_scgpt(path, symbols(60))


@pytest.mark.parametrize(("write", "draw"), [(tiny_geneformer, random_cells), (scgpt, valued_cells)])
def test_fit_of_the_undisturbed_cell_is_the_masked_loss(tmp_path, write, draw):
    adapter = load_adapter(write(tmp_path / "model"))
    cells, d = draw(adapter.vocabulary, [30]), adapter.info.d_model
    at = torch.from_numpy(draw_hidden(adapter.vocabulary, cells, seed=3).nonzero()[0])
    eye = torch.eye(d)
    sae = Sae("L00-axes", "any", 0, 4, eye, torch.zeros(d), eye, torch.zeros(d))
    hidden = hide(adapter, one_cell(cells, 0), at)
    copies = Copies.of(adapter, 0, TiledEncoder(sae), hidden.shown, hidden.genes)
    found = fit(predict(adapter, copies.final, hidden.at), hidden.truth)
    assert float(-found.mean()) == pytest.approx(masked_gene_loss(adapter, cells, seed=3), rel=1e-5)
    assert len(hidden.genes) > len(at) > 1
