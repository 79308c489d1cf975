"""Profiles of cells: the mean of all positions' logits by a shortcut, and values of the genes that a cell has."""

import numpy as np
import pytest
import torch

from tasks.interventions.states import clean_states, profile
from tasks.models import load_adapter
from tasks.models.batches import one_cell
from tests.builders.models import random_cells, tiny_geneformer, valued_cells
from tests.builders.scgpt_files import symbols, tiny_scgpt


def test_mean_logits_are_the_mean_of_every_position(tmp_path):
    adapter = load_adapter(tiny_geneformer(tmp_path / "tiny"))
    hidden = torch.randn(25, adapter.info.d_model, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        explicit = adapter.predict(hidden).double().mean(0)
        np.testing.assert_allclose(adapter.mean_logits(hidden).double(), explicit, atol=1e-5)


def test_every_token_is_known_of_a_model_that_predicts_genes(tmp_path):
    adapter = load_adapter(tiny_geneformer(tmp_path / "tiny"))
    cells = random_cells(adapter.vocabulary, [12, 20])
    states = clean_states(adapter, cells, np.arange(2))
    assert states.profiles.shape == (2, adapter.info.vocab_size)
    assert states.known.all()


def test_of_a_model_that_predicts_values_only_the_genes_of_the_cell_are_known(tmp_path):
    adapter = load_adapter(tiny_scgpt(tmp_path / "scgpt", symbols(20)))
    cells = valued_cells(adapter.vocabulary, [12, 15])
    cell = one_cell(cells, 1)
    final = torch.randn(15, adapter.info.d_model, generator=torch.Generator().manual_seed(1))
    values, known = profile(adapter, final, cell)
    genes = adapter.is_gene(cell.tokens[0])
    assert set(np.flatnonzero(known)) == set(cell.tokens[0, genes].tolist())
    with torch.inference_mode():
        for place in genes.nonzero().flatten().tolist():
            expected = float(adapter.predict(final[place][None])[0])
            assert values[int(cell.tokens[0, place])] == pytest.approx(expected, abs=1e-6)
    assert not values[~known].any()
