"""Where an autoencoder was trained, as its files tell: every wording by hand, and what is no block's output."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae
from tasks.sae.layouts.place import told_layer
from tasks.sae.sae import UNTOLD
from tasks.store import RequestError
from tests.builders.foreign_saes import Foreign, dictionary_learning, saelens, write_dictionary_learning, write_saelens

FILE = Path("cfg.json")


@pytest.mark.parametrize(
    ("name", "number", "reads", "layer"),
    [
        ("blocks.5.hook_resid_post", None, None, 5),
        ("blocks.5.hook_normalized_resid_post", 5, None, 5),
        ("blocks.5.hook_resid_pre", 5, None, 4),
        ("blocks.{layer}.hook_resid_pre", 5, None, 4),
        ("bert.encoder.layer.5", 5, "out", 5),
        ("bert.encoder.layer.5.output", 5, None, 5),
        ("transformer.h.5", None, None, 5),
        (".gpt_neox.layers[5]", 5, "out", 5),
        ("gpt_neox.layers.5", 5, "in", 4),
        ("resid_post_layer_5", 5, "out", 5),
        ("resid_out_layer5", None, None, 5),
        ("resid_pre_layer_5", 5, "out", 4),
        ("layer_5_resid_post", 5, None, 5),
        ("layer_5", 5, None, 5),
        (None, 5, "out", 5),
        ("", 5, None, 5),
        (None, None, None, UNTOLD),
    ],
)
def test_an_output_of_a_block_is_a_layer(name: str | None, number: int | None, reads: str | None, layer: int) -> None:
    assert told_layer(FILE, name, number, reads) == layer


@pytest.mark.parametrize(
    "name",
    [
        "blocks.5.hook_mlp_out",
        "blocks.5.hook_attn_out",
        "blocks.5.hook_resid_mid",
        "blocks.5.attn.hook_z",
        "blocks.5.mlp.hook_post",
        "blocks.5.ln2.hook_normalized",
        "hook_embed",
        "ln_final.hook_normalized",
        "bert.encoder.layer.5.attention.output",
        "bert.encoder.layer.5.intermediate",
        "bert.embeddings",
        "transformer.h.5.mlp",
        "mlp_out_layer_5",
        "attn_out_layer5",
        "resid_layer_5",
        "blocks.5.hook_resid_post.blocks.6",
    ],
)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match="which is not the output of a block, such as") as caught:
        told_layer(FILE, name, 5)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "number", "reads", "words"),
    [
        ("blocks.0.hook_resid_pre", 0, None, "what the first block reads"),
        ("layers.0", 0, "in", "what the first block reads"),
        ("blocks.5.hook_resid_post", 4, None, "but on layer 4: which is meant?"),
        ("blocks.{layer}.hook_resid_post", None, None, "is not the output of a block"),
        (None, 5, "in", "it reads what goes in a module, and does not name it"),
        ("resid_post_layer_5", 5, "in", "what goes in resid_post_layer_5, which is not the output"),
        ("encoder.layer.5.output", 5, "in", "is not the output of a block"),
    ],
)
def test_a_place_in_doubt_is_refused(name: str | None, number: int | None, reads: str | None, words: str) -> None:
    with pytest.raises(RequestError, match=words.replace("?", r"\?")):
        told_layer(FILE, name, number, reads)


def trained(io: str | None, **said: object) -> Foreign:
    made = dictionary_learning("AutoEncoderTopK")
    trainer = {**made.settings["trainer"], **said}  # type: ignore[dict-item]
    return replace(made, settings={"trainer": trainer, "buffer": {"io": io} if io else {}})


def test_dictionary_learning_tells_the_module_and_its_side(tmp_path: Path) -> None:
    for number, (io, said, layer) in enumerate(
        [
            ("out", {"submodule_name": "resid_post_layer_4"}, 4),
            ("in", {"submodule_name": "encoder.layer.4"}, 3),
            (None, {}, 4),
            (None, {"layer": None}, UNTOLD),
        ]
    ):
        assert load_sae(write_dictionary_learning(tmp_path / str(number), trained(io, **said))).layer == layer


@pytest.mark.parametrize(
    ("io", "said", "words"),
    [
        ("out", {"submodule_name": "mlp_out_layer_4"}, "mlp_out_layer_4, which is not the output of a block"),
        ("in_and_out", {}, r"buffer\.io: Input should be 'in' or 'out'"),
        ("in", {}, "it reads what goes in a module"),
        ("out", {"submodule_name": "resid_post_layer_3"}, "but on layer 4"),
    ],
)
def test_dictionary_learning_of_another_place_is_refused(tmp_path: Path, io: str, said: dict, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        load_sae(write_dictionary_learning(tmp_path / "it", trained(io, **said)))


EARLIER = {  # cfg.json of earlier releases, without what later ones added
    "3 to 5": {"hook_name": "blocks.2.hook_resid_post", "hook_layer": 2, "model_name": "m", "hook_head_index": None},
    "before 3": {"hook_point": "blocks.{layer}.hook_resid_pre", "hook_point_layer": 3, "model_name": "m"},
}


@pytest.mark.parametrize("release", EARLIER)
def test_earlier_releases_of_saelens_tell_it_beside_the_rest(tmp_path: Path, release: str) -> None:
    made = saelens("standard", **EARLIER[release], normalize_activations=False, activation_fn_str="relu")
    if release == "before 3":
        del made.settings["architecture"]
    made.weights["scaling_factor"] = torch.ones(len(made.weights["b_enc"]))
    found = load_sae(write_saelens(tmp_path / "it", made))
    assert (found.layer, found.model_id, found.variant) == (2, "m", "standard")
    assert torch.equal(found.W_dec, made.weights["W_dec"])


def test_k_of_earlier_releases_is_an_argument_of_the_activation(tmp_path: Path) -> None:
    made = saelens("standard", activation_fn_str="topk", activation_fn_kwargs={"k": 5})
    found = load_sae(write_saelens(tmp_path / "it", made))
    assert (found.k, found.variant) == (5, "topk")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"hook_name": "blocks.1.hook_mlp_out"}, "is not the output of a block"),
        ({"hook_name": "blocks.1.hook_resid_post", "hook_layer": 0}, "but on layer 0"),
        ({"hook_head_index": 3}, "hook_head_index: Input should be None"),
        ({"hook_name": "a.0", "metadata": {"hook_name": "b.0"}}, "hook_name is both b.0 and a.0"),
        ({"metadata": {"hook_name_out": "blocks.1.hook_mlp_out"}}, "hook_name_out: Input should be None"),
        ({"d_out": 7}, "d_out is 7 and d_in 6: a transcoder"),
        ({"metadata": {"layer": 2, "hook_name": "blocks.1.hook_resid_post"}}, "its layer is 2, but .* is layer 1"),
        ({"normalize_activations": True}, "normalize_activations: Input should be 'none'"),
        ({"normalize_activations": "expected_average_only_in"}, "normalize_activations: Input should be 'none'"),
        ({"activation_fn_str": "tanh-relu"}, "activation_fn: Input should be 'relu'"),
        ({"activation_fn_kwargs": {"k": 4}}, "k is both 3 and 4"),
    ],
)
def test_another_place_or_function_is_refused_whatever_the_release(tmp_path: Path, said: dict, words: str) -> None:
    made = saelens("topk")
    made.settings.update(said)
    with pytest.raises(RequestError, match=words) as caught:
        load_sae(write_saelens(tmp_path / "it", made))
    assert "\n" not in str(caught.value)


def test_factors_of_fine_tuning_that_are_not_1_are_refused(tmp_path: Path) -> None:
    made = saelens("topk")
    made.weights["scaling_factor"] = torch.full((24,), 1.01)
    with pytest.raises(RequestError, match="holds the unknown scaling_factor"):
        load_sae(write_saelens(tmp_path / "it", made))
