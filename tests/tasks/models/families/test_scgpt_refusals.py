"""What is wrong with an scGPT directory is one line that names it."""

import json

import pytest
import torch

from tasks.models.load import load_adapter
from tasks.store import RequestError
from tests.builders.harm import Harm
from tests.builders.scgpt_files import edit_weights, symbols, tiny_scgpt


@pytest.mark.parametrize("name", ["args.json", "best_model.pt", "vocab.json"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = tiny_scgpt(tmp_path / "tiny", symbols(80))
    (folder / name).unlink()
    with pytest.raises(RequestError, match=rf"tiny lacks {name}"):
        load_adapter(folder)


def twice(weights):
    """The projection of attention under both of its names."""
    name = "transformer_encoder.layers.0.self_attn.{}"
    known = next(weights[name.format(one)] for one in ("Wqkv.weight", "in_proj_weight") if name.format(one) in weights)
    weights.pop(name.format("in_proj_weight"), None)
    weights[name.format("Wqkv.weight")] = known
    weights[name.format("in_proj_weight")] = known + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("value_encoder.norm.bias"), r"lacks weight value_encoder\.norm\.bias: it is no scGPT"),
        (lambda w: w.pop("encoder.embedding.weight"), r"lacks weight encoder\.embedding\.weight: it is no scGPT"),
        (lambda w: w.update(extra=torch.ones(1)), "holds the unknown weight extra: it is no scGPT"),
        (lambda w: w.update({"value_encoder.norm.bias": torch.ones(31)}), r"is \(31,\), args\.json says \(32,\)"),
        (
            lambda w: w.update({f"dsbn.bns.{i}.running_mean": torch.ones(32) for i in range(11)}),
            r"holds dsbn\.bns\.10: batch normalisation of several batches, of which cells here name none",
        ),
        (lambda w: w.update({"bn.running_mean": torch.ones(32)}), r"lacks weight bn\.running_var: it is no scGPT"),
        (
            lambda w: w.update({f"{at}.running_mean": torch.ones(32) for at in ("bn", "dsbn.bns.0")}),
            r"holds both bn\.running_mean and dsbn\.bns\.0\.running_mean, which are one weight",
        ),
        (
            lambda w: w.update({"mod_encoder.embedding.weight": torch.ones(2, 32)}),
            "holds the unknown weight mod_encoder",
        ),
        (lambda w: w.update({"encoder.embedding.weight": torch.ones(90, 32)}), "embeds 90 tokens, vocab.json has 83"),
        (twice, r"holds both .*Wqkv.* and .*in_proj.*, which are one weight"),
        (
            lambda w: w.update({"module.value_encoder.norm.bias": torch.ones(32)}),
            "which are one weight: which is meant",
        ),
        (
            lambda w: w.update({"value_encoder.norm.bias": torch.ones(32, dtype=torch.int8)}),
            "is int8: give the weights",
        ),
        (lambda w: w.update(extra=1), r"best_model\.pt holds no tensors by name: it is no scGPT"),
    ],
)
def test_wrong_weights_are_refused_in_one_line(tmp_path, change, message):
    folder = tiny_scgpt(tmp_path / "tiny", symbols(80))
    edit_weights(folder, change)
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(folder)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_runs_code_is_refused(tmp_path, capsys):
    folder = tiny_scgpt(tmp_path / "tiny", symbols(80))
    edit_weights(folder, lambda w: w.update(extra=Harm()))
    capsys.readouterr()
    with pytest.raises(RequestError, match=r"best_model\.pt holds more than tensors: it was not read further"):
        load_adapter(folder)
    assert "harm" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        ("args.json", {"nheads": 5}, "nheads 5 does not divide embsize 32"),
        ("args.json", {"nlayers": None}, r"args\.json gives no nlayers"),
        ("args.json", {"input_emb_style": "category"}, "input_emb_style is 'category', and only 'continuous'"),
        ("vocab.json", {"GENE3": 4}, "gives two genes the same token"),
        ("vocab.json", {"GENE79": 200}, "leaves out tokens below 200"),
        ("vocab.json", {"GENE3": "x"}, "GENE3 has token 'x', which is no whole number"),
    ],
)
def test_what_describes_the_model_must_make_sense(tmp_path, file, changes, message):
    path = tiny_scgpt(tmp_path / "tiny", symbols(80)) / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(RequestError, match=message):
        load_adapter(path.parent)
