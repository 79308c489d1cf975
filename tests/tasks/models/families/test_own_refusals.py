"""What is wrong with the directory of an encoder of one's own, or with what the study says of it, is one line."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from tasks.models.load import load_adapter
from tasks.store import RequestError
from tests.builders.harm import Harm
from tests.builders.own_models import described, own_encoder

GENES = [f"ENSG{i:011d}" for i in range(60)]


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
        ({"quantization_config": {"load_in_8bit": True}}, r"config\.json says that the weights are quantised"),
        ({"model_type": "nobody_knows"}, "describes no model that transformers builds"),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_one_line(tmp_path, changes, message):
    folder = own_encoder(tmp_path / "own", GENES)
    edit_config(folder, **changes)
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(folder, own=described())
    assert "\n" not in str(caught.value)


def test_weights_are_not_rounded_to_what_the_configuration_says(tmp_path):
    folder = own_encoder(tmp_path / "own", GENES)
    edit_config(folder, dtype="float16")
    embedding = load_file(folder / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    model = load_adapter(folder, own=described()).model
    assert torch.equal(model.base_model.embeddings.word_embeddings.weight, embedding)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda weight: weight.to(torch.float8_e4m3fn), "is F8_E4M3: give the weights as float32"),
        (lambda weight: (9 * weight).to(torch.int8), "is I8: give the weights as float32"),
        (lambda weight: weight * torch.nan, "holds values that are not finite"),
    ],
)
def test_weights_that_are_no_plain_numbers_are_refused(tmp_path, change, words):
    path = own_encoder(tmp_path / "own", GENES) / "model.safetensors"
    weights = load_file(path)
    name = "bert.encoder.layer.0.output.dense.weight"
    save_file({**weights, name: change(weights[name])}, path, metadata={"format": "pt"})
    with pytest.raises(RequestError, match=words):
        load_adapter(path.parent, own=described())


def test_more_tokens_than_the_embedding_has_are_refused(tmp_path):
    folder = own_encoder(tmp_path / "own", GENES)
    tokens = json.loads((folder / "tokens.json").read_text())
    (folder / "tokens.json").write_text(json.dumps({**tokens, "ENSG99999999999": 65}))
    with pytest.raises(RequestError, match=r"goes up to token 65, .* embeds only 65: they differ"):
        load_adapter(folder, own=described())


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
