"""Loading model directories: what is accepted, and the one line for each thing that is wrong."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM

from tasks.models import load_adapter
from tasks.models.batches import Batch
from tasks.store import RequestError, sha256_file
from tests.builders.harm import Harm
from tests.builders.models import tiny_geneformer, tiny_vocabulary

V1_10M = {"num_hidden_layers": 6, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 512}
V2_104M = {"num_hidden_layers": 12, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}


@pytest.fixture
def directory(tmp_path):
    return tiny_geneformer(tmp_path / "tiny")


def edit_weights(directory, change):
    weights = load_file(directory / "model.safetensors")
    change(weights)
    save_file(weights, directory / "model.safetensors")


def edit_config(directory, **changes):
    path = directory / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_facts_of_the_model(directory):
    info = load_adapter(directory).info
    sha = sha256_file(directory / "model.safetensors")
    assert (info.model_id, info.name, info.weights_sha) == (f"tiny-{sha[:8]}", "tiny", sha)
    assert (info.family, info.stand_in) == ("geneformer", False)
    assert (info.n_layers, info.d_model, info.n_heads, info.d_ff) == (3, 32, 4, 64)
    assert (info.vocab_size, info.max_length) == (44, 64)


def test_a_pickle_of_weights_with_old_buffers_loads_the_same(directory):
    tokens = torch.arange(4, 24)
    before = load_adapter(directory).embed(Batch.of(tokens))
    weights = load_file(directory / "model.safetensors")
    weights["bert.embeddings.position_ids"] = torch.arange(64)[None]
    torch.save(weights, directory / "pytorch_model.bin")
    (directory / "model.safetensors").unlink()
    assert torch.equal(load_adapter(directory).embed(Batch.of(tokens)), before)


def test_half_precision_weights_are_run_in_single(directory):
    edit_weights(directory, lambda weights: weights.update({k: w.half() for k, w in weights.items()}))
    assert load_adapter(directory).embed(Batch.of(torch.tensor([4]))).dtype == torch.float32


def test_a_pickle_that_runs_code_is_refused(directory):
    (directory / "model.safetensors").unlink()
    torch.save({"weight": Harm()}, directory / "pytorch_model.bin")
    with pytest.raises(RequestError, match=r"pytorch_model\.bin holds more than tensors: it was not read"):
        load_adapter(directory)


def test_a_pickle_without_named_tensors_is_refused(directory):
    (directory / "model.safetensors").unlink()
    torch.save({"weight": 1}, directory / "pytorch_model.bin")
    with pytest.raises(RequestError, match="holds no tensors by name: it is no BertForMaskedLM"):
        load_adapter(directory)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "token_dictionary.json"])
def test_a_missing_file_is_named(directory, name):
    (directory / name).unlink()
    with pytest.raises(RequestError, match=rf"tiny lacks {name}"):
        load_adapter(directory)


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(RequestError, match="absent is no directory: give the path of a model directory"):
        load_adapter(tmp_path / "absent")


def test_a_missing_weight_is_named(directory):
    edit_weights(directory, lambda weights: [weights.pop(f"cls.predictions.{name}") for name in ("bias",)])
    with pytest.raises(RequestError, match=r"lacks weight cls\.predictions\.bias and 1 more: it is no Bert"):
        load_adapter(directory)


def test_an_unknown_weight_is_named(directory):
    edit_weights(directory, lambda weights: weights.update(extra=torch.ones(1)))
    with pytest.raises(RequestError, match="holds the unknown weight extra: it is no BertForMaskedLM"):
        load_adapter(directory)


def test_a_wrong_shape_is_named(directory):
    edit_config(directory, intermediate_size=65)
    with pytest.raises(RequestError, match=r"intermediate\.dense\.weight is \(64, 32\), config\.json says \(65, 32\)"):
        load_adapter(directory)


def test_a_truncated_weight_file_is_named(directory):
    path = directory / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(RequestError, match=r"model\.safetensors cannot be read .* fetch it anew"):
        load_adapter(directory)


def test_heads_that_do_not_divide_the_width_are_refused(directory):
    edit_config(directory, num_attention_heads=5)
    with pytest.raises(RequestError, match=r"config\.json describes no BERT model .*: fetch it anew"):
        load_adapter(directory)


def test_another_architecture_is_refused(directory):
    edit_config(directory, model_type="gpt2")
    with pytest.raises(RequestError, match="describes a 'gpt2' model: Geneformer has model_type 'bert'"):
        load_adapter(directory)


def true_size(directory, vocab_size, max_length, shape):
    """A random model of a published size, whose dictionaries fill its vocabulary."""
    config = BertConfig(vocab_size=vocab_size, max_position_embeddings=max_length, hidden_act="relu", **shape)
    tiny_vocabulary(vocab_size - 4, max_length).save(directory)
    (directory / "config.json").write_text(json.dumps(config.to_dict()))
    weights = BertForMaskedLM(config).state_dict()
    save_file({name: w for name, w in weights.items() if "decoder" not in name}, directory / "model.safetensors")
    return directory


def test_a_model_of_the_size_of_v1_10m_loads(tmp_path):
    adapter = load_adapter(true_size(tmp_path, 25_426, 2048, V1_10M))
    assert adapter.info.n_parameters == 10_288_722
    tokens = torch.arange(4, 104)
    last = run_all(adapter, tokens)
    assert adapter.predict(last).shape == (1, 100, 25_426)


@pytest.mark.slow
def test_a_model_of_the_size_of_v2_104m_loads(tmp_path):
    adapter = load_adapter(true_size(tmp_path, 20_275, 4096, V2_104M))
    assert adapter.info.n_parameters == 104_386_867
    assert run_all(adapter, torch.arange(4, 54)).shape == (1, 50, 768)


def run_all(adapter, tokens):
    return list(adapter.blocks(adapter.embed(Batch.of(tokens)), 0, adapter.info.n_layers, None))[-1]
