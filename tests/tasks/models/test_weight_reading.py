"""What is wrong with a file of weights is told apart, and damage is not said where nothing is known of it."""

import errno
import io

import pytest
import torch
from safetensors.torch import load_file

from tasks.models.load import load_adapter
from tasks.store import RequestError
from tests.builders.models import tiny_geneformer

NAME = "model.safetensors"


@pytest.fixture
def weights(tmp_path):
    return tiny_geneformer(tmp_path / "tiny") / NAME


def line(path):
    with pytest.raises(RequestError) as caught:
        load_adapter(path.parent)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def saved(path):
    buffer = io.BytesIO()
    torch.save(load_file(path), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer to it, not the file itself"),
        (lambda _: b"\xef\xbb\xbf <!doctype HTML><p>Sign in", "is a web page: download the file itself"),
        (lambda _: b"<?xml version='1.0'?><Error>", "is an answer of a web server: download the file itself"),
        (lambda _: b"", "is empty: fetch it anew"),
        (saved, "was written by torch.save and is no safetensors file"),
    ],
)
def test_something_else_in_its_place_is_named(weights, content, words):
    weights.write_bytes(content(weights))
    assert words in line(weights)


def test_a_file_that_is_cut_off_is_measured(weights):
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-5])
    assert f"is cut off: {len(whole) - 5:,} of {len(whole):,} bytes are there" in line(weights)


def test_a_folder_and_a_link_to_nothing_are_called_what_they_are(weights):
    weights.unlink()
    weights.symlink_to("../../blobs/0123")
    assert "is a link to ../../blobs/0123, which is not there" in line(weights)
    weights.unlink()
    weights.mkdir()
    assert f"{NAME} is a folder, and a file of this name is needed" in line(weights)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        (NAME, PermissionError(errno.EACCES, "Permission denied"), "may not be read by this user (permission denied)"),
        (NAME, OSError(errno.EIO, "Input/output error"), "cannot be opened (Input/output error)"),
        ("config.json", PermissionError(errno.EACCES, "Permission denied"), "may not be read by this user"),
        ("token_dictionary.json", PermissionError(errno.EACCES, "Permission denied"), "may not be read by this user"),
    ],
)
def test_a_file_that_the_system_withholds_is_not_called_damaged(weights, monkeypatch, name, error, words):
    path, opening = weights.parent / name, type(weights).open

    def withhold(self, *args, **kwargs):
        if self == path:
            raise error
        return opening(self, *args, **kwargs)

    monkeypatch.setattr(type(weights), "open", withhold)
    said = line(weights)
    assert f"{path} {words}" in said
    assert "anew" not in said


def test_safetensors_under_another_name_are_told(weights):
    weights.rename(weights.with_name("pytorch_model.bin"))
    assert "pytorch_model.bin is a safetensors file: name it model.safetensors" in line(weights)


def test_a_name_twice_in_a_dictionary_is_refused(weights):
    path = weights.parent / "token_dictionary.json"
    path.write_text(path.read_text().replace("{", '{"ENSG00000000001": 9,', 1))
    assert "it gives ENSG00000000001 twice" in line(weights)
