"""Training batches: order, corruption, and that they need no memory."""

from itertools import islice

import numpy as np
import pytest
import torch

from tasks.models.load import load_adapter
from tasks.models.mini.batching import batch_rows, training_batch
from tests.builders.models import random_cells, tiny_geneformer

LENGTHS = np.array([10, 30, 5, 42, 30, 12, 3, 20] * 5)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    return load_adapter(tiny_geneformer(tmp_path_factory.mktemp("model"), n_genes=60))


def test_an_epoch_visits_every_cell_once():
    batches = batch_rows(LENGTHS, 100, 0, 0)
    for _ in range(2):
        seen = []
        while len(seen) < len(LENGTHS):
            seen += next(batches).tolist()
        assert sorted(seen) == list(range(len(LENGTHS)))


def test_batches_can_be_entered_at_any_step():
    every = list(islice(batch_rows(LENGTHS, 100, 0, 0), 40))
    later = list(islice(batch_rows(LENGTHS, 100, 0, 25), 15))
    assert all(np.array_equal(a, b) for a, b in zip(every[25:], later, strict=True))
    other = list(islice(batch_rows(LENGTHS, 100, 1, 0), 40))
    assert not all(np.array_equal(a, b) for a, b in zip(every, other, strict=True))


def test_genes_are_corrupted_as_in_bert(adapter):
    cells = random_cells(adapter.vocabulary, [60] * 400)
    batch = training_batch(cells, np.arange(400), adapter, 0.15, [0])
    gene = batch.tokens >= 4
    assert batch.wanted[gene].float().mean() == pytest.approx(0.15, abs=0.01)
    assert not batch.wanted[~gene].any()
    assert torch.equal(batch.shown[~batch.wanted], batch.tokens[~batch.wanted])
    shown, true = batch.shown[batch.wanted], batch.tokens[batch.wanted]
    assert (shown == adapter.vocabulary.mask).float().mean() == pytest.approx(0.8, abs=0.02)
    assert (shown == true).float().mean() == pytest.approx(0.1, abs=0.02)
    assert (shown >= 4).float().mean() == pytest.approx(0.2, abs=0.02)


def test_a_batch_is_a_function_of_its_seed(adapter):
    cells = random_cells(adapter.vocabulary, [60] * 4)
    first, again, other = (
        training_batch(cells, np.arange(4), adapter, 0.15, seed) for seed in ([0, 1], [0, 1], [0, 2])
    )
    assert torch.equal(first.shown, again.shown)
    assert not torch.equal(first.shown, other.shown)


def test_the_smallest_cell_has_a_gene_to_predict(adapter):
    cells = random_cells(adapter.vocabulary, [3])
    for step in range(20):
        assert training_batch(cells, np.array([0]), adapter, 0.01, [step]).wanted.sum() == 1
