"""Files that are whole and cannot be read here, and folders that are no cells: what is the matter, and what to do."""

import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest

from tasks.cells.formats.opening import open_cells
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import tenx_file

HOLD = "import h5py, sys; file = h5py.File(sys.argv[1], 'r+'); print('open', flush=True); sys.stdin.read()"


def refusal(path, root):
    with pytest.raises(RequestError) as caught:
        run_cells(root, path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_filter_that_is_not_here_is_named(tmp_path):
    """A chunk that says it went through zstd, as files written with hdf5plugin have."""
    path = tenx_file(tmp_path / "zstd.h5ad")
    with h5py.File(path, "r+") as file:
        values = file["X/data"][:]
        del file["X/data"]
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((len(values),))
        made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))
        space = h5py.h5s.create_simple((len(values),))
        h5py.h5d.create(file.id, b"X/data", h5py.h5t.IEEE_F32LE, space, made).write_direct_chunk(
            (0,), values.astype("<f4").tobytes()
        )
    line = refusal(path, tmp_path)
    assert "cannot be read here: it needs the HDF5 filter zstd. Install it (pip install hdf5plugin), or write" in line
    assert "whole" not in line


def test_a_file_that_another_process_writes_is_named(tmp_path):
    path = tenx_file(tmp_path / "locked.h5ad")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        line = refusal(path, tmp_path)
        other.stdin.close()
    assert "another process has it open for writing" in line


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.h5ad", b"", "is empty"),
        ("a.rds", b"RDX3\n", "an R object"),
        ("a.pkl", b"\x80\x04abc", "a Python pickle, which is never loaded"),
        ("a.h5ad", b"\x89HDF\r\n\x1a\n", "is the file whole?"),
        ("a.bin", b"\x00\x01\x02", "of no known format"),
    ],
)
def test_files_of_other_kinds_are_named(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    assert told in refusal(tmp_path / name, tmp_path)


def test_archives_are_to_be_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        archive.writestr("a", "b")
    assert "a zip archive: unpack it" in refusal(tmp_path / "cells.zip", tmp_path)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "an empty folder"),
        (["dataset_info.json", "data.arrow"], r"a folder of tokens \(a Hugging Face dataset\), not of counts"),
        (["config.json", "model.safetensors"], r"a model directory: that is model\.path"),
        (["readme.md"], r"a folder without cells \(it holds readme.md\)"),
    ],
)
def test_folders_of_other_kinds_are_named(tmp_path, names, told):
    folder = tmp_path / "cells"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("{}")
    with pytest.raises(RequestError, match=told), open_cells(folder):
        pass


def test_a_later_file_is_not_blamed_on_an_earlier_one(tmp_path):
    """The file that fails is the one that is named, whatever else is open."""
    good, bad = tenx_file(tmp_path / "good.h5ad"), tenx_file(tmp_path / "bad.h5ad")
    with h5py.File(bad, "r+") as file:
        del file["X/data"]
        file["X/data"] = np.arange(3)
    with pytest.raises(RequestError, match=r"X of .*bad\.h5ad has 3 values"):
        run_cells(tmp_path, [bad, good])
