"""The decoder against Hugging Face's own forward pass and against one written out, whose angles alone are float32."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import LlamaForCausalLM

from tasks.models.batches import one_cell, pad_batch
from tasks.models.load import load_adapter
from tasks.models.masked import masked_gene_score
from tests.builders.llama_files import SCALINGS, decoder_cells, ensembl, tiny_llama
from tests.builders.plain_llama import plain_logits, plain_states, without_rounding

LENGTHS = [10, 30, 5, 42, 64]
SHAPES = {
    "grouped": {},
    "own keys": {"num_key_value_heads": 4, "attention_bias": True, "mlp_bias": True},
    "wide heads": {"head_dim": 12, "num_key_value_heads": 1, "hidden_act": "gelu"},
    "tied": {"tie_word_embeddings": True},
    **{name: {"rope_parameters": dict(scaling)} for name, scaling in SCALINGS.items()},
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tiny_llama(tmp_path_factory.mktemp("model"), ensembl(80))


@pytest.fixture(scope="module")
def adapter(directory):
    return load_adapter(directory)


@pytest.fixture(scope="module")
def cells(adapter):
    return decoder_cells(adapter.vocabulary, LENGTHS)


def states(adapter, batch, mask=True):
    hidden = adapter.embed(batch)
    return [hidden, *adapter.blocks(hidden, 0, adapter.info.n_layers, batch.lengths if mask else None)]


@torch.no_grad()
def theirs(directory, batch, *, exact):
    """Outputs of all blocks and logits, in float64; ``exact``: with norms that are not rounded."""
    model = LlamaForCausalLM.from_pretrained(directory, dtype=torch.float64).eval()
    if exact:
        without_rounding(model)
    found = [model.model.embed_tokens(batch.tokens)]
    for block in model.model.layers:
        block.register_forward_hook(
            lambda _m, _i, output: found.append(output[0] if isinstance(output, tuple) else output)
        )
    real = (torch.arange(batch.width) < batch.lengths[:, None]).long()
    logits = model(batch.tokens, attention_mask=real).logits
    return [*found, logits]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_layer_equals_hugging_face_in_float64(tmp_path, shape):
    directory = tiny_llama(tmp_path, ensembl(80), spread=0.1, **SHAPES[shape])
    double = load_adapter(directory)
    double.model.double()
    batch = pad_batch(decoder_cells(double.vocabulary, LENGTHS), np.arange(5), double.vocabulary, "cpu")
    real = torch.arange(batch.width) < batch.lengths[:, None]
    ours = states(double, batch)
    ours.append(double.predict(ours[-1]))
    for exact, tolerance in ((False, 1e-6), (True, 1e-12)):  # its own norms are rounded to float32
        others = theirs(directory, batch, exact=exact)
        assert len(ours) == len(others) == 5
        for own, other in zip(ours, others, strict=True):
            assert other[real].std() > 0.09
            torch.testing.assert_close(own[real], other[real], rtol=0, atol=tolerance)


def test_every_layer_equals_the_written_out_forward_pass(directory, cells):
    double = load_adapter(directory)
    double.model.double()
    for i in range(len(LENGTHS)):
        ours = states(double, one_cell(cells, i), mask=False)
        plain = plain_states(double.model, cells.cell(i))
        for own, other in zip(ours, plain, strict=True):
            np.testing.assert_allclose(own[0].numpy(), other, rtol=0, atol=5e-6)
        logits = plain_logits(double.model, plain[-1])
        np.testing.assert_allclose(double.predict(ours[-1])[0].numpy(), logits, rtol=0, atol=5e-6)


@pytest.mark.parametrize("i", range(len(LENGTHS)))
def test_neighbours_and_padding_change_nothing(adapter, cells, i):
    batch = pad_batch(cells, np.arange(5), adapter.vocabulary, "cpu")
    for batched, alone in zip(states(adapter, batch), states(adapter, one_cell(cells, i), False), strict=True):
        torch.testing.assert_close(batched[i, : LENGTHS[i]], alone[0], rtol=0, atol=2e-5)


def test_a_later_token_changes_no_earlier_state(adapter, cells):
    batch = one_cell(cells, 3)
    before = states(adapter, batch)
    batch.tokens[0, 20] = adapter.vocabulary.mask
    for layer, (one, other) in enumerate(zip(before, states(adapter, batch), strict=True)):
        torch.testing.assert_close(other[0, :20], one[0, :20], rtol=0, atol=1e-5)
        assert (other[0, 20] - one[0, 20]).abs().max() > 0.1
        assert layer == 0 or (other[0, 21:] - one[0, 21:]).abs().max() > 1e-3


def test_the_score_is_the_cross_entropy_of_each_gene_given_those_before_it(adapter, cells):
    found = masked_gene_score(adapter, cells, seed=0)
    losses, right = [], []
    for i in range(len(LENGTHS)):
        tokens = torch.from_numpy(cells.cell(i)).long()
        for place in range(1, len(tokens) - 1):  # <eos> is no gene
            logits = adapter.predict(states(adapter, pad_batch(cells, np.array([i]), adapter.vocabulary, "cpu"))[-1])
            losses.append(float(cross_entropy(logits[0, place - 1], tokens[place])))
            right.append(int(logits[0, place - 1].argmax()) == int(tokens[place]))
    assert found.n_masked == len(losses) == sum(LENGTHS) - 2 * len(LENGTHS)
    assert found.loss == pytest.approx(np.mean(losses), abs=1e-4)
    assert found.top1 == pytest.approx(np.mean(right))
    assert masked_gene_score(adapter, cells, seed=1, mask_fraction=0.5) == found


def test_replacing_a_layer_reaches_the_genes_behind(adapter, cells):
    clean = masked_gene_score(adapter, cells, 0)
    same = masked_gene_score(adapter, cells, 0, replace=(1, lambda x: x))
    gone = masked_gene_score(adapter, cells, 0, replace=(1, torch.zeros_like))
    assert same.loss == pytest.approx(clean.loss, abs=1e-5)
    assert abs(gone.loss - clean.loss) > 0.01


def test_a_cell_is_embedded_by_its_last_gene(adapter, cells):
    batch = pad_batch(cells, np.arange(5), adapter.vocabulary, "cpu")
    last = states(adapter, batch)[-1]
    norm = adapter.model.model.norm
    expected = torch.stack([norm(last[i, n - 2]) for i, n in enumerate(LENGTHS)])
    torch.testing.assert_close(adapter.embed_cells(last, batch), expected, rtol=0, atol=1e-5)


def test_the_mean_of_logits_is_that_of_predictions(adapter, cells):
    rows = states(adapter, one_cell(cells, 1))[-1][0]
    torch.testing.assert_close(adapter.mean_logits(rows), adapter.predict(rows).mean(0), rtol=0, atol=1e-5)


def test_facts_of_the_model(adapter):
    info = adapter.info
    assert (info.family, info.n_layers, info.n_heads, info.n_key_heads) == ("llama", 3, 4, 2)
    assert (info.vocab_size, info.max_length, adapter.predicts) == (84, 64, "next")
    assert not any(parameter.requires_grad for parameter in adapter.model.parameters())
