"""Embeddings of cells against each family's own recipe, written out one cell at a time."""

import numpy as np
import pytest
import torch

from tasks.models import cell_embeddings as module
from tasks.models.cell_embeddings import cell_embeddings
from tasks.models.load import load_adapter
from tasks.models.precision import in_precision
from tests.builders.models import random_cells, tiny_geneformer, valued_cells
from tests.builders.plain_post_norm import Weights, norm, plain_scfoundation, plain_scgpt
from tests.builders.scfoundation_files import PREFIX, tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt

LENGTHS = [10, 30, 5, 42, 30, 12, 4]


@pytest.fixture(scope="module")
def geneformer(tmp_path_factory):
    return load_adapter(tiny_geneformer(tmp_path_factory.mktemp("model"), n_genes=60))


@pytest.fixture(scope="module")
def cells(geneformer):
    return random_cells(geneformer.vocabulary, LENGTHS)


def test_geneformer_takes_the_mean_over_genes_without_special_tokens(geneformer, cells):
    found = cell_embeddings(geneformer, cells)
    assert found.shape == (len(LENGTHS), 32)
    for i, embedding in enumerate(found):
        tokens = torch.from_numpy(cells.cell(i).astype(np.int64))[None]
        last = geneformer.model.bert(tokens).last_hidden_state[0].detach()
        torch.testing.assert_close(embedding, last[1:-1].mean(0), rtol=0, atol=1e-5)


def test_scgpt_takes_cls_at_unit_norm(tmp_path):
    folder = tiny_scgpt(tmp_path / "model", symbols(80))
    adapter = load_adapter(folder)
    cells = valued_cells(adapter.vocabulary, LENGTHS)
    weights = Weights(torch.load(folder / "best_model.pt", weights_only=True))
    for i, embedding in enumerate(cell_embeddings(adapter, cells)):
        assert cells.cell(i)[0] == adapter.vocabulary.special["<cls>"]
        first = plain_scgpt(weights, cells.cell(i), cells.cell_values(i), 3, 4)[-1][0]
        np.testing.assert_allclose(embedding.numpy(), first / np.linalg.norm(first), rtol=0, atol=1e-5)


def test_scfoundation_takes_s_t_highest_and_mean_of_genes(tmp_path):
    folder = tiny_scfoundation(tmp_path / "model", symbols(80))
    adapter = load_adapter(folder)
    cells = valued_cells(adapter.vocabulary, LENGTHS)
    weights = Weights(torch.load(folder / "models.ckpt", weights_only=True)["cell"]["state_dict"], PREFIX)
    special = adapter.vocabulary.special
    for i, embedding in enumerate(cell_embeddings(adapter, cells)):
        tokens = cells.cell(i)
        assert tokens[-2:].tolist() == [special["<T>"], special["<S>"]]
        read = norm(weights, "encoder.norm", plain_scfoundation(weights, tokens, cells.cell_values(i), 3, 4)[-1])
        theirs = np.concatenate([read[-1], read[-2], read[:-2].max(0), read[:-2].mean(0)])
        np.testing.assert_allclose(embedding.numpy(), theirs, rtol=0, atol=1e-5)


def test_batches_do_not_change_them(geneformer, cells, monkeypatch):
    whole = cell_embeddings(geneformer, cells)
    monkeypatch.setattr(module, "BATCH_TOKENS", 1)
    torch.testing.assert_close(cell_embeddings(geneformer, cells), whole, rtol=0, atol=1e-5)


def test_one_layer_is_replaced_where_genes_stand(geneformer, cells):
    clean, seen = cell_embeddings(geneformer, cells), []
    assert torch.equal(cell_embeddings(geneformer, cells, (1, lambda x: x)), clean)
    moved = cell_embeddings(geneformer, cells, (1, lambda x: seen.append(len(x)) or torch.zeros_like(x)))
    assert sum(seen) == sum(LENGTHS) - 2 * len(LENGTHS)
    assert ((moved - clean).norm(dim=1) > 0.01).all()


def test_reduced_precision_embeds_in_the_same_way(geneformer, cells):
    clean = cell_embeddings(geneformer, cells)
    reduced = cell_embeddings(in_precision(geneformer, "bf16"), cells)
    assert 0 < float((reduced - clean).abs().max()) < 0.05
