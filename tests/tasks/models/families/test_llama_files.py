"""A decoder's files however they were saved: the same logits, or one line that says why not.

The slow twin is Hugging Face's own reader of the same directory.
"""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM, LlamaForSequenceClassification, LlamaModel

from tasks.models.batches import Batch
from tasks.models.examine import examine_model
from tasks.models.load import load_adapter
from tasks.store import RequestError
from tasks.vocabulary.directory import load_vocabulary
from tests.builders.llama_files import ensembl, tiny_llama

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
TOKENS = torch.tensor([2, 9, 4, 30, 17, 3])
GENES = ensembl(40)


@pytest.fixture
def directory(tmp_path):
    return tiny_llama(tmp_path / "tiny", GENES)


def configure(directory, **changes):
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps({**config, **changes}))


def read(directory):
    return load_file(directory / "model.safetensors")


def edit(directory, change):
    weights = read(directory)
    save_file(change(weights) or weights, directory / "model.safetensors", metadata={"format": "pt"})


@torch.no_grad()
def logits(adapter):
    *_, last = adapter.blocks(adapter.embed(Batch.of(TOKENS)), 0, adapter.info.n_layers)
    return adapter.predict(last)


@torch.no_grad()
def assert_as_theirs(directory):
    model = LlamaForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    torch.testing.assert_close(logits(load_adapter(directory)), model(TOKENS[None]).logits, rtol=0, atol=3e-5)


def refused(directory, words):
    with pytest.raises(RequestError, match=words) as caught:
        load_adapter(directory)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n_shards", [1, 3])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_shards_and_half_precision_are_read_to_the_digit(tmp_path, n_shards, dtype):
    directory = tiny_llama(tmp_path, GENES, n_shards=n_shards, dtype=dtype)
    assert_as_theirs(directory)
    weights = {name: weight for file in directory.glob("*.safetensors") for name, weight in load_file(file).items()}
    assert torch.equal(load_adapter(directory).model.lm_head.weight, weights[HEAD].float())


SAVED = {
    "data parallel": lambda weights: {f"module.{name}": weight for name, weight in weights.items()},
    "compiled": lambda weights: {f"_orig_mod.{name}": weight for name, weight in weights.items()},
    "without the model's name": lambda weights: {name.removeprefix("model."): w for name, w in weights.items()},
    "with old angles": lambda weights: weights.update({"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(4)}),
}


@pytest.mark.parametrize("how", SAVED)
def test_the_same_weights_saved_otherwise_are_the_same_model(directory, how):
    before = logits(load_adapter(directory))
    edit(directory, SAVED[how])
    assert torch.equal(logits(load_adapter(directory)), before)


def test_tied_embeddings_are_one_matrix(tmp_path):
    directory = tiny_llama(tmp_path, GENES, tie_word_embeddings=True)
    assert_as_theirs(directory)
    adapter = load_adapter(directory)
    assert adapter.model.lm_head.weight is adapter.model.model.embed_tokens.weight
    assert adapter.info.n_parameters == sum(weight.numel() for weight in read(directory).values())


def test_a_head_of_its_own_leaves_tied_embeddings_as_they_are(tmp_path):
    directory = tiny_llama(tmp_path, GENES, tie_word_embeddings=True)
    other = torch.randn(read(directory)[EMBEDDING].shape, generator=torch.Generator().manual_seed(1))
    edit(directory, lambda weights: weights.update({HEAD: other}))
    adapter = load_adapter(directory)
    assert torch.equal(adapter.model.model.embed_tokens.weight, read(directory)[EMBEDDING])
    assert torch.equal(adapter.model.lm_head.weight, other)


@pytest.mark.parametrize("kind", [LlamaModel, LlamaForSequenceClassification])
def test_a_model_without_its_head_predicts_nothing(directory, kind):
    full = load_adapter(directory)
    model = kind.from_pretrained(directory)
    (directory / "model.safetensors").unlink()
    model.save_pretrained(directory)
    adapter = load_adapter(directory)
    assert (adapter.predicts, full.predicts) == ("nothing", "next")
    hidden = [list(one.blocks(one.embed(Batch.of(TOKENS)), 0, 3)) for one in (adapter, full)]
    assert all(torch.equal(one, other) for one, other in zip(*hidden, strict=True))
    with pytest.raises(RequestError, match="has no head for the next token"):
        adapter.predict(hidden[0][-1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda weights: weights.pop(HEAD) is None, f"lacks weight {HEAD}: it is no LlamaForCausalLM"),
        (lambda weights: weights.update({EMBEDDING: weights[EMBEDDING] * torch.nan}), "values that are not finite"),
        (lambda weights: weights.update({"model.layers.0.lora_A.weight": torch.ones(2)}), "holds the unknown weight"),
        (lambda weights: weights.update({"model.norm.weight": torch.ones(3)}), "config.json says"),
        (lambda weights: weights.update({"norm.weight": torch.ones(32)}), "which are one weight"),
    ],
)
def test_weights_in_doubt_are_refused_in_one_line(directory, change, words):
    edit(directory, lambda weights: change(weights) and None)
    refused(directory, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}}, "type 'dynamic' are not"),
        ({"rope_parameters": None, "rope_scaling": {"type": "longrope", "factor": 2.0}}, "type 'longrope' are not"),
        ({"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}}, "turning a part of a head"),
        ({"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4}}, "describes no Llama model"),
        ({"num_key_value_heads": 3}, "num_key_value_heads does not divide num_attention_heads"),
        ({"hidden_act": "nonsense"}, "describes no Llama model"),
        ({"quantization_config": {"bits": 4}}, "weights are quantised"),
        ({"max_position_embeddings": "many"}, "gives no max_position_embeddings"),
        ({"vocab_size": 70}, "has genes up to token 43, but .* embeds 70: they differ"),
        ({"vocab_size": 30}, "has genes up to token 43, but .* embeds 30: they differ"),
    ],
)
def test_configurations_in_doubt_are_refused_in_one_line(directory, changes, words):
    configure(directory, **changes)
    refused(directory, words)


def test_an_older_name_of_the_scaling_is_read(directory):
    config = json.loads((directory / "config.json").read_text())
    del config["rope_parameters"]
    scaling = {"rope_theta": 100.0, "rope_scaling": {"type": "linear", "factor": 2.0}}
    (directory / "config.json").write_text(json.dumps({**config, **scaling}))
    assert_as_theirs(directory)


def test_genes_and_tokens_of_cells_are_the_vocabulary(directory):
    vocabulary = load_vocabulary(directory)
    assert vocabulary.token_of == {gene: i for i, gene in enumerate(GENES, start=4)}
    assert vocabulary.special == {"<pad>": 0, "<mask>": 1, "<bos>": 2, "<eos>": 3}
    assert (vocabulary.front, vocabulary.behind, vocabulary.room) == (["<bos>"], ["<eos>"], 62)


def test_numbers_may_have_rows_of_the_embedding(tmp_path):
    directory = tiny_llama(tmp_path, GENES, rows_of_numbers=True)
    assert len(load_vocabulary(directory).token_of) == len(GENES)
    assert_as_theirs(directory)


def test_of_two_dictionaries_the_fitting_one_is_taken(directory):
    others = {"<pad>": 0, "<bos>": 2, **{gene: i for i, gene in enumerate(ensembl(500), start=4)}}
    (directory / "token_dictionary_gc9M.json").write_text(json.dumps(others))
    assert len(load_vocabulary(directory).token_of) == len(GENES)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("gene_median_dictionary.json", None, "lacks gene_median_dictionary.json, which belongs to"),
        ("token_dictionary.json", None, "lacks token_dictionary.json"),
        ("token_dictionary.json", {"<pad>": 0, "ENSG1": 43}, "has no token <bos>"),
    ],
)
def test_dictionaries_in_doubt_are_refused_in_one_line(directory, name, text, words):
    (directory / name).unlink() if text is None else (directory / name).write_text(json.dumps(text))
    refused(directory, words)


def test_what_the_doctor_says(directory):
    said = [line for _, line in examine_model(directory).lines()]
    assert said[0] == "tiny (llama): 3 layers, width 32, 4 heads, feed-forward 48"
    assert "44 tokens, 40 genes by Ensembl id" in said[1]
    assert said[-1].startswith("the next gene is predicted")
