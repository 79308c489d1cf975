"""Encoders of one's own against the library's forward pass: in parts where the blocks are BERT's, else as a whole."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tasks.models.adapter import run_blocks
from tasks.models.attention import run_block
from tasks.models.batches import one_cell, pad_batch
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, hide_genes, masked_gene_score
from tasks.models.own import OwnAdapter
from tasks.models.precision import in_precision
from tasks.store import RequestError
from tests.builders.models import random_cells
from tests.builders.own_models import described, own_encoder
from tests.tasks.models.value_models import states

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


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("albert", "a model of type albert has 0 stacks of 3 blocks, and one is needed: give an encoder"),
        ("longformer", "blocks of a longformer model cannot be run one by one"),
    ],
)
def test_an_encoder_without_a_stack_of_blocks_is_refused(tmp_path, kind, message):
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(own_encoder(tmp_path / "own", GENES, kind), own=described(mask=None))
    assert "\n" not in str(caught.value)


def test_blocks_with_the_names_of_bert_and_other_shapes_run_as_a_whole(tmp_path):
    adapter = load_adapter(own_encoder(tmp_path / "own", GENES, "convbert"), own=described())
    assert not adapter.in_parts


def test_without_medians_genes_are_ranked_by_counts(tmp_path):
    adapter = load_adapter(own_encoder(tmp_path / "own", GENES), own=described(medians=None, genes="symbol"))
    assert adapter.vocabulary.median_of == {}
    assert adapter.vocabulary.encoding.genes == "symbol"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokens.json", "medians.json"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = own_encoder(tmp_path / "tiny", GENES)
    (folder / name).unlink()
    with pytest.raises(RequestError, match=rf"tiny lacks {name}"):
        load_adapter(folder, own=described())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": "<bos>"}, r"model\.own: .*tokens\.json has no token <bos> \(for <cls>\)"),
        ({"longest": 71}, r"model\.own\.longest is 71, .* has 70 positions: lower it"),
        ({"tokens": "medians.json"}, r"ENSG00000000000 has token 1\.0, which is no whole number from 0"),
    ],
)
def test_what_the_study_says_must_fit(tmp_path, changes, message):
    with pytest.raises(RequestError, match=message):
        load_adapter(own_encoder(tmp_path / "own", GENES), own=described(**changes))


def test_positions_of_roberta_begin_behind_padding(tmp_path):
    folder = own_encoder(tmp_path / "own", GENES, "roberta")
    with pytest.raises(RequestError, match="has 69 positions"):
        load_adapter(folder, own=described(longest=70))


def edit_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab_size": 64}, "cannot be loaded"),
        ({"num_hidden_layers": 4}, r"lacks weight .*encoder\.layer\.3\..* and 15 more: it is no BertForMaskedLM"),
        ({"num_hidden_layers": 2}, r"holds the unknown weight .*layer\.2\."),
        ({"model_type": "nobody_knows"}, "describes no model that transformers builds"),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_line(tmp_path, changes, message):
    folder = own_encoder(tmp_path / "own", GENES)
    edit_config(folder, **changes)
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(folder, own=described())
    assert "\n" not in str(caught.value)


def test_more_tokens_than_the_embedding_has_are_refused(tmp_path):
    folder = own_encoder(tmp_path / "own", GENES)
    tokens = json.loads((folder / "tokens.json").read_text())
    (folder / "tokens.json").write_text(json.dumps({**tokens, "ENSG99999999999": 65}))
    with pytest.raises(RequestError, match=r"goes up to token 65, .* embeds only 65: they differ"):
        load_adapter(folder, own=described())


class Harm:
    def __reduce__(self):
        return (print, ("harm",))


def test_a_pickle_that_runs_code_is_refused(tmp_path, capsys):
    folder = own_encoder(tmp_path / "own", GENES)
    (folder / "model.safetensors").unlink()
    torch.save({"weight": Harm()}, folder / "pytorch_model.bin")
    with pytest.raises(RequestError):
        load_adapter(folder, own=described())
    assert "harm" not in capsys.readouterr().out


def test_code_in_the_directory_is_not_run(tmp_path):
    folder = own_encoder(tmp_path / "own", GENES)
    edit_config(folder, model_type="theirs", auto_map={"AutoConfig": "theirs.Config"})
    (folder / "theirs.py").write_text("raise SystemExit('harm')")
    with pytest.raises(RequestError, match="describes no model that transformers builds"):
        load_adapter(folder, own=described())
