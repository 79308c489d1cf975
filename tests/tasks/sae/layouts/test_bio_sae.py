"""What of bio-sae's files is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tasks.sae import load_sae
from tasks.sae.sae import UNTOLD
from tasks.store import RequestError
from tests.builders.foreign_saes import D, F, Foreign, bio_sae, write_bio_sae


@pytest.mark.parametrize(("name", "layer"), [("layer05_x4_k32", 5), ("somewhere", UNTOLD)])
def test_the_layer_is_told_by_the_folder(tmp_path: Path, name: str, layer: int) -> None:
    found = load_sae(write_bio_sae(tmp_path / name, bio_sae()))
    assert (found.sae_id, found.layer, found.variant, found.k) == (name, layer, "topk", 3)


def changed(settings: dict[str, object] | None = None, **weights: torch.Tensor) -> Foreign:
    made = bio_sae()
    return replace(made, settings=made.settings | (settings or {}), weights=made.weights | weights)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (changed({"n_features": F + 1}), r"W_enc\.weight has shape \[24, 6\] instead of \[25, 6\]"),
        (changed({"k": F + 1}), "k is 25, but there are 24 features"),
        (changed({"d_model": "6"}), r"sae_final\.pt: d_model: Input should be a valid integer"),
        (changed({"optimizer": {"state": 1}}), "holds 2 state dicts instead of one"),
        (changed(mean=torch.zeros(F)), r"activation_mean\.npy: the mean has shape \[24\] instead of \[6\]"),
        (changed(mean=torch.full((D,), torch.nan)), r"activation_mean\.npy: the mean holds values that are not finite"),
        (changed(more=torch.zeros(1)), "holds the unknown more"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, made: Foreign, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        load_sae(write_bio_sae(tmp_path / "it", made))


@pytest.mark.parametrize("mean", [np.array([{"a": 1}] * D), np.array(["a"] * D)])
def test_a_mean_that_is_no_array_of_numbers_is_refused(tmp_path: Path, mean: np.ndarray) -> None:
    folder = write_bio_sae(tmp_path / "it", bio_sae())
    np.save(folder / "activation_mean.npy", mean)
    with pytest.raises(RequestError, match=r"activation_mean\.npy is no array of numbers"):
        load_sae(folder)


@pytest.mark.parametrize(("saved", "words"), [([1], "no checkpoint but a list"), ({}, "d_model: Field required")])
def test_another_file_is_refused(tmp_path: Path, saved: object, words: str) -> None:
    folder = write_bio_sae(tmp_path / "it", bio_sae())
    torch.save(saved, folder / "sae_final.pt")
    with pytest.raises(RequestError, match=words):
        load_sae(folder)
