"""Refusing work that would not fit."""

from collections import namedtuple

import pytest

from tasks.activations.resources import Estimate, estimate, require_room
from tasks.models.adapter import ModelInfo
from tasks.store import OutOfSpace, RequestError

INFO = ModelInfo("m-1", "geneformer", "m", False, 6, 100, 4, 200, 50, 64, 1, "1")
Usage = namedtuple("Usage", "total used free")


def test_disk_is_two_bytes_a_number_and_ten_a_row():
    needed = estimate(INFO, n_layers=3, n_positions=1000, chunk_positions=100, batch_positions=0)
    assert needed.disk == int(1.05 * 1000 * (3 * 100 * 2 + 10))
    assert needed.memory == 100 * (3 * 100 * 2 + 10)


def test_memory_grows_with_the_batch():
    small, large = (estimate(INFO, 1, 10, 10, batch).memory for batch in (100, 200))
    assert large - small == 100 * 4 * (6 * 100 + 200)


def test_a_full_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.disk.shutil.disk_usage", lambda _: Usage(0, 0, 1_000_000_000))
    require_room(Estimate(999_999_999, 0), tmp_path / "not" / "there")
    with pytest.raises(OutOfSpace, match=r"need about 2\.00 GB of disk, .*there has 1\.00 GB free: free some space"):
        require_room(Estimate(2_000_000_000, 0), tmp_path / "not" / "there")


def test_too_little_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1_000_000_000)
    require_room(Estimate(0, 999_999_999), tmp_path)
    with pytest.raises(RequestError, match=r"needs about 3\.00 GB of memory, 1\.00 GB is available: set a smaller"):
        require_room(Estimate(0, 3_000_000_000), tmp_path)
