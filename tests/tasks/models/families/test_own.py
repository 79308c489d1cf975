"""Encoders of one's own against the library's forward pass: in parts where the blocks are BERT's, else as a whole."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tasks.models.adapter import run_blocks
from tasks.models.attention import run_block
from tasks.models.batches import one_cell, pad_batch
from tasks.models.families.own import OwnAdapter
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, hide_genes, masked_gene_score
from tasks.models.precision import in_precision
from tasks.store import RequestError
from tests.builders.models import random_cells
from tests.builders.own_models import described, own_encoder
from tests.tasks.models.families.value_models import states

GENES = [f"ENSG{i:011d}" for i in range(60)]
IN_PARTS, AS_A_WHOLE = ("bert", "roberta", "electra"), ("distilbert", "modernbert", "esm", "deberta-v2")
LENGTHS = [10, 30, 5, 42]


@pytest.fixture(scope="module", params=[*IN_PARTS, *AS_A_WHOLE])
def adapter(request, tmp_path_factory) -> OwnAdapter:
    folder = own_encoder(tmp_path_factory.mktemp("own") / request.param, GENES, request.param)
    return load_adapter(folder, own=described())


@pytest.fixture
def cells(adapter):
    return random_cells(adapter.vocabulary, LENGTHS)


def test_every_layer_equals_the_librarys(adapter, cells):
    batch = pad_batch(cells, np.arange(len(LENGTHS)), adapter.vocabulary, "cpu")
    real = torch.arange(batch.width) < batch.lengths[:, None]
    theirs = adapter.model(batch.tokens, attention_mask=real.long(), output_hidden_states=True)
    ours = states(adapter, batch)
    assert len(ours) == len(theirs.hidden_states) == adapter.info.n_layers + 1
    for own, other in zip(ours[:-1], theirs.hidden_states[:-1], strict=True):
        torch.testing.assert_close(own[real], other[real], rtol=0, atol=1e-4)
    torch.testing.assert_close(adapter.predict(ours[-1][real]), theirs.logits[real], rtol=1e-4, atol=1e-4)


def test_a_cell_is_the_same_alone_and_in_a_batch(adapter, cells):
    batch = pad_batch(cells, np.arange(len(LENGTHS)), adapter.vocabulary, "cpu")
    together = states(adapter, batch)
    for i, length in enumerate(LENGTHS):
        for batched, alone in zip(together, states(adapter, one_cell(cells, i), False), strict=True):
            torch.testing.assert_close(batched[i, :length], alone[0], rtol=0, atol=1e-5 * float(alone.abs().max()))


def test_blocks_can_be_entered_anywhere(adapter, cells):
    every = states(adapter, one_cell(cells, 1), mask=False)
    for first in range(3):
        tail = list(adapter.blocks(every[first], first, 3))
        for own, other in zip(tail, every[first + 1 :], strict=True):
            torch.testing.assert_close(own, other, rtol=0, atol=1e-5)
    assert run_blocks(adapter, every[1], 1, 1) is every[1]


def test_threads_do_not_see_each_others_cells(adapter):
    cells = random_cells(adapter.vocabulary, [20] * 24)
    alone = [adapter.embed(one_cell(cells, i)) for i in range(24)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda i: adapter.embed(one_cell(cells, i)), range(24)))
    assert all(torch.equal(own, other) for own, other in zip(together, alone, strict=True))


def test_parts_are_those_of_bert_alone(adapter, cells):
    assert adapter.in_parts == (adapter.info.name in IN_PARTS)
    hidden = adapter.embed(one_cell(cells, 0))
    if adapter.in_parts:
        whole = run_blocks(adapter, hidden, 0, 1)
        torch.testing.assert_close(run_block(adapter.block(0), hidden, None), whole, rtol=0, atol=0)
    else:
        with pytest.raises(RequestError, match=r"are not BERT's and run only as a whole, .* but not traced") as caught:
            adapter.block(0)
        assert "\n" not in str(caught.value)
        with pytest.raises(RequestError, match="in float32"):
            list(in_precision(adapter, "bf16").blocks(hidden, 0, 1))


def test_hidden_genes_are_scored(adapter, cells):
    score = masked_gene_score(adapter, cells, 0)
    hidden = draw_hidden(adapter.vocabulary, cells, 0)
    shown = hide_genes(adapter.vocabulary, cells, hidden)
    losses = []
    for i in range(cells.n_cells):
        at = np.flatnonzero(hidden[cells.offsets[i] : cells.offsets[i + 1]])
        logits = adapter.model(torch.from_numpy(shown.cell(i).astype(np.int64))[None]).logits[0].double()
        losses += (torch.logsumexp(logits[at], 1) - logits[at, cells.cell(i)[at]]).tolist()
    assert score.loss == pytest.approx(np.mean(losses), rel=1e-5)


def test_facts_of_the_model(adapter):
    info = adapter.info
    assert (info.family, info.n_layers, info.d_model, info.n_heads) == ("own", 3, 32, 4)
    assert (info.d_ff, info.vocab_size, info.max_length) == (96 if info.name == "modernbert" else 48, 65, 60)
    assert adapter.vocabulary.special == {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}
    assert adapter.is_gene(torch.tensor([0, 1, 2, 3, 4, 5, 64])).tolist() == [*[False] * 5, True, True]


def test_without_a_head_or_a_mask_token_nothing_is_predicted(tmp_path):
    bare = own_encoder(tmp_path / "bare", GENES, head=False)
    headed = own_encoder(tmp_path / "headed", GENES)
    for folder, own in ((bare, described()), (headed, described(mask=None))):
        adapter = load_adapter(folder, own=own)
        assert (adapter.predicts, adapter.in_parts) == ("nothing", True)
        with pytest.raises(RequestError, match="it predicts nothing"):
            adapter.predict(torch.zeros(1, 32))


def test_blocks_with_the_names_of_bert_and_other_shapes_run_as_a_whole(tmp_path):
    adapter = load_adapter(own_encoder(tmp_path / "own", GENES, "convbert"), own=described())
    assert not adapter.in_parts


def test_without_medians_genes_are_ranked_by_counts(tmp_path):
    adapter = load_adapter(own_encoder(tmp_path / "own", GENES), own=described(medians=None, genes="symbol"))
    assert adapter.vocabulary.median_of == {}
    assert adapter.vocabulary.encoding.genes == "symbol"
