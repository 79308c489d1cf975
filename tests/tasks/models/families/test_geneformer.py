"""The adapter against Hugging Face's own forward pass and against one written out in float64."""

import numpy as np
import pytest
import torch

from tasks.models.adapter import run_blocks
from tasks.models.batches import one_cell, pad_batch
from tasks.models.load import load_adapter
from tests.builders.models import random_cells, tiny_geneformer
from tests.builders.plain_bert import plain_logits, plain_states

LENGTHS = [10, 30, 5, 42, 64]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tiny_geneformer(tmp_path_factory.mktemp("model"), n_genes=80)


@pytest.fixture(scope="module")
def adapter(directory):
    return load_adapter(directory)


@pytest.fixture(scope="module")
def cells(adapter):
    return random_cells(adapter.vocabulary, LENGTHS)


def states(adapter, batch, mask=True):
    hidden = adapter.embed(batch)
    return [hidden, *adapter.blocks(hidden, 0, adapter.info.n_layers, batch.lengths if mask else None)]


def test_every_layer_equals_hugging_face(adapter, cells):
    batch = pad_batch(cells, np.arange(5), adapter.vocabulary, "cpu")
    real = torch.arange(batch.width) < batch.lengths[:, None]
    theirs = adapter.model(batch.tokens, attention_mask=real.long(), output_hidden_states=True)
    ours = states(adapter, batch)
    assert len(ours) == len(theirs.hidden_states) == 4
    for own, other in zip(ours, theirs.hidden_states, strict=True):
        torch.testing.assert_close(own[real], other[real], rtol=0, atol=1e-5)
    torch.testing.assert_close(adapter.predict(ours[-1])[real], theirs.logits[real], rtol=0, atol=2e-5)


def test_every_layer_equals_the_written_out_forward_pass(directory, cells):
    double = load_adapter(directory)
    double.model.double()
    for i in range(len(LENGTHS)):
        ours = states(double, one_cell(cells, i), mask=False)
        plain = plain_states(double.model, cells.cell(i))
        for own, other in zip(ours, plain, strict=True):
            np.testing.assert_allclose(own[0].numpy(), other, rtol=0, atol=1e-6)
        logits = plain_logits(double.model, plain[-1])
        np.testing.assert_allclose(double.predict(ours[-1])[0].numpy(), logits, rtol=0, atol=1e-6)


@pytest.mark.parametrize("i", range(len(LENGTHS)))
def test_neighbours_and_padding_change_nothing(adapter, cells, i):
    batch = pad_batch(cells, np.arange(5), adapter.vocabulary, "cpu")
    for batched, alone in zip(states(adapter, batch), states(adapter, one_cell(cells, i), False), strict=True):
        torch.testing.assert_close(batched[i, : LENGTHS[i]], alone[0], rtol=0, atol=1e-5)


def test_padding_tokens_are_never_seen(adapter, cells):
    batch = pad_batch(cells, np.array([0, 1]), adapter.vocabulary, "cpu")
    before = states(adapter, batch)[-1]
    batch.tokens[0, LENGTHS[0] :] = 50
    torch.testing.assert_close(states(adapter, batch)[-1][0, : LENGTHS[0]], before[0, : LENGTHS[0]])


def test_blocks_can_be_entered_anywhere(adapter, cells):
    batch = one_cell(cells, 1)
    every, lengths = states(adapter, batch), batch.lengths
    for first in range(3):
        tail = list(adapter.blocks(every[first], first, 3, lengths))
        assert all(torch.equal(own, other) for own, other in zip(tail, every[first + 1 :], strict=True))
    assert torch.equal(run_blocks(adapter, every[1], 1, 3, lengths), every[3])
    assert run_blocks(adapter, every[1], 1, 1, lengths) is every[1]


def test_genes_are_told_from_special_tokens(adapter):
    assert adapter.is_gene(torch.tensor([[2, 4, 83, 1, 3, 0]])).tolist() == [[False, True, True, False, False, False]]


def test_weights_are_frozen(adapter, cells):
    assert not states(adapter, one_cell(cells, 0))[-1].requires_grad
    assert not adapter.model.training
