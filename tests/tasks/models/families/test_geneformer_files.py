"""Geneformer weights however they were saved: the same hidden states, or one line that says why not.

The slow twin is Hugging Face's own reader of the same directory.
"""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, BertModel

from tasks.models.batches import Batch
from tasks.models.load import load_adapter
from tasks.store import RequestError
from tests.builders.models import tiny_config, tiny_geneformer

EMBEDDING, DECODER = "bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.weight"
TOKENS = torch.tensor([2, 9, 4, 30, 17, 3])


@pytest.fixture
def directory(tmp_path):
    return tiny_geneformer(tmp_path / "tiny")


def read(directory):
    return load_file(directory / "model.safetensors")


def edit(directory, change):
    weights = read(directory)
    save_file(change(weights) or weights, directory / "model.safetensors", metadata={"format": "pt"})


def states(adapter):
    hidden = adapter.embed(Batch.of(TOKENS))
    return [hidden, *adapter.blocks(hidden, 0, adapter.info.n_layers)]


def other_matrix(weights):
    return torch.randn(weights[EMBEDDING].shape, generator=torch.Generator().manual_seed(1))


def test_a_decoder_of_its_own_leaves_the_embeddings_as_they_are(directory):
    edit(directory, lambda weights: weights.update({DECODER: other_matrix(weights)}))
    adapter, weights = load_adapter(directory), read(directory)
    assert torch.equal(adapter.model.bert.embeddings.word_embeddings.weight, weights[EMBEDDING])
    assert torch.equal(adapter.model.cls.predictions.decoder.weight, weights[DECODER])
    theirs = BertForMaskedLM.from_pretrained(directory).eval()
    with torch.no_grad():
        made = theirs(TOKENS[None], output_hidden_states=True)
    for ours, other in zip(states(adapter), made.hidden_states, strict=True):
        torch.testing.assert_close(ours, other, rtol=0, atol=1e-5)
    torch.testing.assert_close(adapter.predict(states(adapter)[-1]), made.logits, rtol=0, atol=2e-5)


def test_a_bias_of_its_own_is_kept_beside_the_heads(directory):
    bias = "cls.predictions.bias"
    edit(directory, lambda weights: weights.update({"cls.predictions.decoder.bias": weights[bias] + 1}))
    head = load_adapter(directory).model.cls.predictions
    assert torch.equal(head.decoder.bias, head.bias + 1)


def without_embedding(weights):
    return {DECODER if name == EMBEDDING else name: weight for name, weight in weights.items()}


SAVED = {
    "the decoder's name alone": without_embedding,
    "both names": lambda weights: weights.update({DECODER: weights[EMBEDDING].clone()}),
    "data parallel": lambda weights: {f"module.{name}": weight for name, weight in weights.items()},
    "compiled": lambda weights: {f"module._orig_mod.{name}": weight for name, weight in weights.items()},
    "Lightning": lambda weights: {f"model.{name}": weight for name, weight in weights.items()},
    "double precision": lambda weights: {name: weight.double() for name, weight in weights.items()},
    "with a pooler": lambda weights: weights.update({"bert.pooler.dense.weight": torch.ones(32, 32)}),
}


@pytest.mark.parametrize("how", SAVED)
def test_the_same_weights_saved_otherwise_are_the_same_model(directory, how):
    before = states(load_adapter(directory))
    edit(directory, SAVED[how])
    after = load_adapter(directory)
    assert all(torch.equal(one, other) for one, other in zip(before, states(after), strict=True))
    assert after.predicts == "genes"
    decoder = after.model.cls.predictions.decoder.weight
    assert torch.equal(decoder, after.model.bert.embeddings.word_embeddings.weight)


def test_bfloat16_is_read_to_the_digit(directory):
    edit(directory, lambda weights: {name: weight.bfloat16() for name, weight in weights.items()})
    ours = load_adapter(directory).model.bert.embeddings.word_embeddings.weight
    assert torch.equal(ours, read(directory)[EMBEDDING].float())


def broken(name, value):
    return lambda weights: weights.update({name: value(weights)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (broken(f"module.{EMBEDDING}", other_matrix), "holds both .* which are one weight: which is meant?"),
        (broken(EMBEDDING.removeprefix("bert."), other_matrix), "which are one weight: which is meant?"),
        (broken(EMBEDDING, lambda w: w[EMBEDDING].to(torch.float8_e4m3fn)), "is F8_E4M3: give the weights as"),
        (broken(EMBEDDING, lambda w: (9 * w[EMBEDDING]).to(torch.int8)), "is I8: give the weights as float32"),
        (broken(EMBEDDING, lambda w: w[EMBEDDING] * torch.nan), "holds values that are not finite"),
        (broken("bert.encoder.layer.0.lora_A.weight", other_matrix), r"holds the unknown weight .*lora_A"),
        (lambda weights: weights.pop(EMBEDDING) is None, "lacks weight"),
    ],
)
def test_weights_in_doubt_are_refused_in_one_line(directory, change, words):
    edit(directory, lambda weights: change(weights) and None)
    with pytest.raises(RequestError, match=words.replace("?", r"\?")) as caught:
        load_adapter(directory)
    assert "\n" not in str(caught.value)


def test_an_untied_model_needs_its_decoder(directory):
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))
    with pytest.raises(RequestError, match=rf"lacks weight {DECODER}: it is no BertForMaskedLM"):
        load_adapter(directory)
    edit(directory, lambda weights: weights.update({DECODER: weights[EMBEDDING].clone()}))
    assert load_adapter(directory).predicts == "genes"


@pytest.fixture
def save(directory, tmp_path):
    def save_beside(model, **how):
        folder = tmp_path / "saved"
        folder.mkdir()
        for name in ("token_dictionary.json", "gene_median_dictionary.json"):
            shutil.copy(directory / name, folder)
        model.save_pretrained(folder, **how)
        return folder

    return save_beside


@pytest.mark.parametrize("kind", [BertForSequenceClassification, BertForTokenClassification, BertModel])
def test_a_model_without_the_head_predicts_nothing_and_does_all_else(save, kind):
    model = kind(tiny_config()).eval()
    adapter = load_adapter(save(model))
    assert adapter.predicts == "nothing"
    with torch.no_grad():
        theirs = getattr(model, "bert", model)(TOKENS[None], output_hidden_states=True).hidden_states
    for ours, other in zip(states(adapter), theirs, strict=True):
        torch.testing.assert_close(ours, other, rtol=0, atol=1e-5)
    with pytest.raises(RequestError, match="saved has no head for hidden genes"):
        adapter.predict(theirs[-1])


@pytest.fixture
def sharded(save):
    model = BertForMaskedLM(tiny_config())
    return save(model, max_shard_size="40KB"), model


def test_several_files_are_one_model(sharded):
    folder, model = sharded
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    adapter = load_adapter(folder)
    for name, weight in model.state_dict().items():
        assert torch.equal(adapter.model.state_dict()[name], weight)
    part = sorted(folder.glob("model-*.safetensors"))[-1]
    save_file({name: weight + 1 for name, weight in load_file(part).items()}, part)
    assert load_adapter(folder).info.weights_sha != adapter.info.weights_sha


def test_a_file_that_the_index_names_is_missed(sharded):
    folder, _ = sharded
    part = sorted(folder.glob("model-*.safetensors"))[-1]
    part.unlink()
    with pytest.raises(RequestError, match=rf"lacks {part.name}: model\.safetensors\.index\.json names it"):
        load_adapter(folder)


def test_a_weight_in_two_files_is_refused(sharded):
    folder, _ = sharded
    first, second, *_ = sorted(folder.glob("model-*.safetensors"))
    save_file(load_file(second) | load_file(first), second)
    with pytest.raises(RequestError, match=r"holds weight .*, which another file holds too: fetch all anew"):
        load_adapter(folder)


@pytest.mark.parametrize("name", ["../model.safetensors", "/etc/passwd", "part.bin", ".."])
def test_an_index_names_files_of_its_directory_alone(sharded, name):
    folder, _ = sharded
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"weight": name}}))
    with pytest.raises(RequestError, match=r"names the file '.*', which is none of this directory: fetch it anew"):
        load_adapter(folder)
