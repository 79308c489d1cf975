"""What of sparsify's files is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae
from tasks.sae.sae import UNTOLD
from tasks.store import RequestError
from tests.builders.foreign_saes import F, Foreign, sparsify, write_sparsify


def changed(settings: dict[str, object] | None = None, **weights: torch.Tensor) -> Foreign:
    made = sparsify()
    return replace(made, settings=made.settings | (settings or {}), weights=made.weights | weights)


def test_names_are_told_by_the_folder_alone(tmp_path: Path) -> None:
    found = load_sae(write_sparsify(tmp_path / "layers.3", sparsify()))
    assert (found.sae_id, found.model_id, found.layer, found.variant, found.k) == ("layers.3", "", 3, "topk", 3)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("layers.3", 3), ("encoder.layer.0", 0), ("h.2/seed1", 2), ("layer_3", UNTOLD), ("v1.0", UNTOLD)],
)
def test_the_folder_is_named_after_the_module(tmp_path: Path, name: str, layer: int) -> None:
    assert load_sae(write_sparsify(tmp_path / name, sparsify())).layer == layer


@pytest.mark.parametrize("name", ["layers.3.mlp", "h.3.attn", "layers.3.mlp/seed0"])
def test_a_part_of_a_block_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match=r"it was trained on .*\.3\..*, which is not the output of a block"):
        load_sae(write_sparsify(tmp_path / name, sparsify()))


def test_features_may_be_numbered_instead_of_multiplied(tmp_path: Path) -> None:
    found = load_sae(write_sparsify(tmp_path / "it", changed({"num_latents": F, "expansion_factor": 32})))
    assert found.n_features == F


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("activation", "groupmax"),
        ("transcode", True),
        ("skip_connection", True),
        ("signed", True),
        ("embed_skip", True),
        ("gram_lookup", True),
    ],
)
def test_another_function_is_refused(tmp_path: Path, field: str, value: object) -> None:
    folder = write_sparsify(tmp_path / "it", changed({field: value}))
    with pytest.raises(RequestError, match=rf"cfg\.json: {field}: Input should be .* of this form is not read"):
        load_sae(folder)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (changed({"num_latents": 30}), r"encoder\.weight has shape \[24, 6\] instead of \[30, 6\]"),
        (changed({"k": 0}), "k is 0, but there are 24 features"),
        (changed(W_skip=torch.zeros(6, 6)), "holds the unknown W_skip"),
        (changed(b_dec=torch.full((6,), torch.inf)), "b_dec holds values that are not finite"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, made: Foreign, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        load_sae(write_sparsify(tmp_path / "it", made))
