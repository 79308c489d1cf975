"""Which layout a folder holds; what is missing is said in one line."""

from pathlib import Path

import pytest

from tasks.sae import load_sae
from tasks.sae.layouts.files import LAYOUTS, recognise
from tasks.store import RequestError
from tests.builders import foreign_saes as foreign
from tests.builders.foreign_saes import Foreign
from tests.builders.saes import random_sae

WRITERS = {
    "saelens": (foreign.write_saelens, foreign.saelens("topk")),
    "sparsify": (foreign.write_sparsify, foreign.sparsify()),
    "dictionary_learning": (foreign.write_dictionary_learning, foreign.dictionary_learning("AutoEncoderTopK")),
    "bio_sae": (foreign.write_bio_sae, foreign.bio_sae()),
}


def write(folder: Path, layout: str) -> Path:
    writer, made = WRITERS[layout]
    made: Foreign
    return writer(folder, made)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_told_by_its_weights(layout, tmp_path: Path) -> None:
    folder = write(tmp_path / "it", layout.name)
    assert recognise(folder) == (layout, folder / layout.weights, folder / layout.beside)


def test_a_step_folder_holds_one_inside(tmp_path: Path) -> None:
    random_sae(tmp_path / "sae-1", d_model=4, n_features=8, k=2)
    assert recognise(tmp_path / "sae-1").weights == tmp_path / "sae-1" / "sae" / "sae_weights.safetensors"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_file_beside_the_weights_is_missed(layout, tmp_path: Path) -> None:
    folder = write(tmp_path / "it", layout.name)
    (folder / layout.beside).unlink()
    with pytest.raises(RequestError, match=f"it lacks {layout.beside}: it belongs to {layout.weights}, copy both"):
        load_sae(folder)


def test_a_folder_without_weights_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"holds no autoencoder: its weights would be in one of .*ae\.pt") as caught:
        load_sae(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_with_two_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "it", "sparsify")
    (folder / "ae.pt").touch()
    with pytest.raises(RequestError, match=r"holds both sae\.safetensors and ae\.pt: leave one in it"):
        load_sae(folder)


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"there is no folder .*nowhere: give one that holds"):
        load_sae(tmp_path / "nowhere")


def test_a_file_in_the_place_of_a_folder_is_called_one(tmp_path: Path) -> None:
    folder = write(tmp_path / "it", "saelens")
    with pytest.raises(RequestError, match=r"sae_weights\.safetensors is a file: give the folder that holds it"):
        load_sae(folder / "sae_weights.safetensors")


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("which", ["weights", "beside"])
def test_what_is_wrong_with_a_file_is_told_apart(layout, which: str, tmp_path: Path) -> None:
    path = write(tmp_path / "it", layout.name) / getattr(layout, which)
    for content, words in {
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n": "a Git LFS pointer to it, not the file itself",
        b"\n<!DOCTYPE html><title>Sign in</title>": "a web page: download the file itself",
        b"": "is empty: fetch it anew",
    }.items():
        path.write_bytes(content)
        with pytest.raises(RequestError, match=words) as caught:
            load_sae(path.parent)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    path.unlink()
    path.mkdir()
    with pytest.raises(RequestError, match=f"{layout._asdict()[which]} is a folder, and a file of this name is needed"):
        load_sae(path.parent)
