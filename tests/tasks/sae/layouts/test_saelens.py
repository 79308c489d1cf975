"""What is written here, and what is refused of what others write."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tasks.sae import load_sae, save_sae
from tasks.sae.sae import UNTOLD
from tasks.store import RequestError, StepFolder
from tests.builders.saes import random_sae, random_topk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random_sae(tmp_path / "sae-0123456789abcdef", d_model=6, n_features=24, k=3, layer=2, seed=1)
    return tmp_path / "sae-0123456789abcdef"


def change_config(folder: Path, **fields: object) -> None:
    path = folder / "sae" / "cfg.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def change_weights(folder: Path, **tensors: torch.Tensor) -> None:
    path = folder / "sae" / "sae_weights.safetensors"
    save_file(load_file(path) | tensors, path)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    made = random_sae(tmp_path / "sae-a", d_model=6, n_features=24, k=3, layer=2, seed=1)
    found = load_sae(tmp_path / "sae-a")
    assert (found.sae_id, found.model_id, found.layer, found.k) == (made.sae_id, made.model_id, 2, 3)
    for name, tensor in made.parameters.items():
        assert torch.equal(found.parameters[name], tensor)
    x = torch.randn(5, 6)
    assert torch.equal(found.decode(found.encode(x)), made.decode(made.encode(x)))


def test_thresholds_are_kept_with_the_variant(tmp_path: Path) -> None:
    made = replace(
        random_topk(6, 24, 3, layer=2), k=None, threshold=torch.rand(24), variant="gated", widest=9, sae_id="gated"
    )
    with StepFolder.create(tmp_path / "sae-b") as out:
        with out.unit("sae") as unit:
            save_sae(made, unit)
        out.finish()
    found = load_sae(tmp_path / "sae-b")
    assert (found.k, found.variant, found.widest, found.most_active) == (None, "gated", 9, 9)
    assert torch.equal(found.threshold, made.threshold)
    config = json.loads((tmp_path / "sae-b" / "sae" / "cfg.json").read_text())
    assert config["architecture"] == "jumprelu"
    assert not {"k", "rescale_acts_by_decoder_norm"} & set(config)


@pytest.mark.parametrize(("field", "value"), [("k", None), ("architecture", "jumprelu")])
def test_k_belongs_to_topk_alone(folder: Path, field: str, value: object) -> None:
    change_config(folder, **{field: value})
    with pytest.raises(RequestError, match=r"k is .*, but the architecture is"):
        load_sae(folder)


def test_directory_inside_a_step_folder_loads_too(folder: Path) -> None:
    assert torch.equal(load_sae(folder / "sae").W_dec, load_sae(folder).W_dec)


def test_configuration_has_the_fields_of_saelens(folder: Path) -> None:
    config = json.loads((folder / "sae" / "cfg.json").read_text())
    assert (config["architecture"], config["d_in"], config["d_sae"], config["k"]) == ("topk", 6, 24, 3)
    assert config["normalize_activations"] == "none"
    assert config["apply_b_dec_to_input"] is True
    assert config["metadata"]["layer"] == 2


def test_decoder_norms_are_measured_not_assumed(folder: Path) -> None:
    change_weights(folder, W_dec=3 * load_sae(folder).W_dec)
    torch.testing.assert_close(load_sae(folder).decoder_norms, torch.full((24,), 3.0))


def test_wrong_shape_is_named(folder: Path) -> None:
    change_weights(folder, W_enc=torch.zeros(24, 6))
    with pytest.raises(RequestError, match=r"W_enc has shape \[24, 6\] instead of \[6, 24\]"):
        load_sae(folder)


def test_missing_tensor_is_named(folder: Path) -> None:
    save_file({"W_enc": torch.zeros(6, 24)}, folder / "sae" / "sae_weights.safetensors")
    with pytest.raises(RequestError, match="lacks W_dec: its weights are W_enc, W_dec, b_dec, b_enc"):
        load_sae(folder)


def test_values_that_are_not_finite_are_refused(folder: Path) -> None:
    change_weights(folder, b_enc=torch.full((24,), torch.nan))
    with pytest.raises(RequestError, match="b_enc holds values that are not finite"):
        load_sae(folder)


def test_truncated_weights_are_refused(folder: Path) -> None:
    path = folder / "sae" / "sae_weights.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RequestError, match=r"sae_weights\.safetensors cannot be read .*: fetch it anew"):
        load_sae(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("architecture", "matching_pursuit"),
        ("normalize_activations", "layer_norm"),
        ("reshape_activations", "hook_z"),
        ("finetuning_scaling_factor", True),
    ],
)
def test_another_kind_of_autoencoder_is_refused(folder: Path, field: str, value: object) -> None:
    change_config(folder, **{field: value})
    with pytest.raises(RequestError, match=f"{field}: Input should be"):
        load_sae(folder)


def test_an_unknown_tensor_is_refused(folder: Path) -> None:
    change_weights(folder, W_skip=torch.ones(24))
    with pytest.raises(RequestError, match="holds the unknown W_skip: its weights are"):
        load_sae(folder)


def test_more_active_features_than_features_are_refused(folder: Path) -> None:
    change_config(folder, k=25)
    with pytest.raises(RequestError, match=r"cfg\.json: k is 25, but there are 24 features"):
        load_sae(folder)


def test_only_topk_codes_are_in_units_of_norms(folder: Path) -> None:
    change_config(folder, architecture="standard", k=None, rescale_acts_by_decoder_norm=True)
    with pytest.raises(RequestError, match="rescale_acts_by_decoder_norm, but the architecture is standard"):
        load_sae(folder)


@pytest.mark.parametrize(
    ("metadata", "layer"),
    [
        ({"hook_name": "blocks.5.hook_resid_post"}, 5),
        ({"hook_name": "blocks.5.hook_resid_pre"}, 4),
        ({"layer": 3, "hook_name": "encoder.layer.3"}, 3),
        ({"layer": 3}, 3),
        ({"hook_layer": 6}, 6),
        ({}, UNTOLD),
    ],
)
def test_the_layer_is_told_by_its_field_or_by_the_hook(folder: Path, metadata: dict[str, object], layer: int) -> None:
    change_config(folder, metadata=metadata)
    found = load_sae(folder)
    assert (found.layer, found.sae_id, found.model_id, found.variant) == (layer, "sae", "", "topk")


def test_configuration_that_is_no_json_is_refused(folder: Path) -> None:
    (folder / "sae" / "cfg.json").write_text("{")
    with pytest.raises(RequestError, match=r"cfg\.json is not a JSON dictionary"):
        load_sae(folder)
