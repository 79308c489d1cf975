"""A trained autoencoder from elsewhere goes through the step: read, named, measured, written in our layout."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tasks.sae import load_sae, work
from tasks.sae.metrics import reconstruction
from tasks.sae.positions import read_positions
from tasks.sae.settings import SaeSettings
from tasks.sae.taken import Names, names_model
from tasks.store import RequestError, StepFolder
from tests.builders.saes import random_topk, write_as_dictionary_learning
from tests.builders.steps import do_step

KEY = "sae-0123456789abcdef"
MADE = replace(
    random_topk(32, 48, 5, layer=1, seed=7), W_dec=3 * random_topk(32, 48, 5, seed=7).W_dec, model_id="owner/Tiny"
)


def run(inputs, folder: Path, layer: int = 1, **settings: object) -> Path:
    chosen = SaeSettings.model_validate({"splice_cells": 4, **settings})
    return do_step("sae", chosen, folder, layer=layer, **inputs.reads)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a layer of an autoencoder that dictionary_learning saved: its layer 2 says it is of layer 1."""
    root = tmp_path_factory.mktemp("given")
    for layer in (1, 2):
        write_as_dictionary_learning(MADE, root / f"layer_{layer}")
    return root


@pytest.fixture(scope="module")
def folder(inputs, given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(work, "train_to_end")
        return run(inputs, tmp_path_factory.mktemp("runs") / KEY, path=f"{given}/layer_{{layer}}")


def test_it_lies_in_our_layout_as_it_was_found(folder: Path) -> None:
    found = load_sae(folder)
    assert (found.sae_id, found.layer, found.variant, found.k) == ("L01-topk48-k5-012345", 1, "topk", 5)
    assert found.model_id.startswith("tiny-")
    for name, tensor in MADE.parameters.items():
        assert torch.equal(found.parameters[name], tensor)


def test_it_is_measured_on_heldout_cells(inputs, folder: Path) -> None:
    row = StepFolder.open(folder).read_table("sae").row(0, named=True)
    positions = read_positions(inputs.activations, inputs.cells, 1, "cpu", SaeSettings())
    x = positions.rows(positions.heldout)
    slow = reconstruction(MADE, [x], positions.mean(positions.heldout))
    assert (row["fvu"], row["l0"], row["n_dead"]) == (pytest.approx(slow.fvu), pytest.approx(slow.l0), slow.n_dead)
    assert (row["layout"], row["k"], row["seed"], row["n_steps"]) == ("dictionary_learning", 5, None, None)
    assert row["decoder_norm_min"] == pytest.approx(3, rel=1e-5)
    assert row["n_heldout_positions"] == len(x)
    assert row["loss_spliced"] != row["loss_clean"]


def test_it_has_densities_and_no_curve(folder: Path) -> None:
    out = StepFolder.open(folder)
    assert out.read_table("sae_metric").is_empty()
    assert out.read_table("sae_density")["n_features"].sum() == 48


@pytest.mark.parametrize(
    ("path", "layer", "words"),
    [
        ("layer_{layer}", 2, r"sae\.path: .*layer_2 was trained on layer 1, not 2: put \{layer\} in path"),
        ("narrow", 1, r"sae\.path: .*narrow reads activations of width 8, but layer 1 of the model gives 32"),
        ("layer_{layer:03d}", 1, r"there is no folder .*layer_001"),
    ],
)
def test_one_that_does_not_belong_to_the_layer_is_refused(
    inputs, given: Path, tmp_path: Path, path: str, layer: int, words: str
) -> None:
    if path == "narrow":
        write_as_dictionary_learning(random_topk(8, 16, 2, layer=1), given / path)
    with pytest.raises(RequestError, match=words):
        run(inputs, tmp_path / KEY, layer, path=f"{given}/{path}")
    assert not StepFolder(tmp_path / KEY).lines


def test_damaged_weights_are_refused_before_anything_is_written(inputs, given: Path, tmp_path: Path) -> None:
    folder = write_as_dictionary_learning(MADE, tmp_path / "it")
    (folder / "config.json").write_text(json.dumps({"trainer": {}}))
    with pytest.raises(RequestError, match=r"trainer\.dict_class: Field required"):
        run(inputs, tmp_path / KEY, path=str(folder))
    assert not StepFolder(tmp_path / KEY).lines


@pytest.mark.parametrize(
    ("told", "given", "known"),
    [
        ("", None, True),
        ("tiny-0123abcd", None, True),
        ("moved-0123abcd", None, True),
        ("someone/Tiny", None, True),
        ("tiny-9999abcd", None, False),
        ("gpt2-small", None, False),
        ("gpt2-small", "gpt2-small", True),
        ("gpt2-large", "gpt2-small", False),
    ],
)
def test_names_of_the_model_are_known(told: str, given: str | None, known: bool) -> None:
    assert names_model(told, Names("tiny-0123abcd", given, KEY)) == known


def test_one_of_another_model_is_refused_unless_the_study_says_it_is_this_one(inputs, tmp_path: Path) -> None:
    folder = write_as_dictionary_learning(replace(MADE, model_id="gpt2-small"), tmp_path / "it")
    with pytest.raises(RequestError, match=r"trained on the model gpt2-small, not on tiny-.*sae\.path_model = \"gpt2"):
        run(inputs, tmp_path / KEY, path=str(folder))
    done = run(inputs, tmp_path / KEY, path=str(folder), path_model="gpt2-small")
    assert load_sae(done).model_id.startswith("tiny-")
