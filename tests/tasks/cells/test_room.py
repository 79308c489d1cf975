"""A few cells of a large file: no more is read than they need, and memory is estimated before anything is."""

import pytest

from tasks.cells import room
from tasks.cells.room import memory_needed
from tasks.store import RequestError
from tests.benchmarks.bench_cells import draw, write_large
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import tenx_file


def test_few_cells_of_a_large_file_cost_little(tmp_path):
    """20,000 cells of 400 counts, 64 MB, of which 200 are drawn: what is read is obs, pointers and the cells."""
    path = write_large(tmp_path / "large.h5ad", 20_000, 2000, 400)
    found = draw(path, 200)
    assert found["chosen"] == 200
    assert found["bytes_read"] < path.stat().st_size / 5
    assert found["peak_bytes"] - found["imports"] < memory_needed(200, 20_000, 400)


@pytest.mark.slow
def test_a_file_of_true_size_stays_within_two_gigabytes(tmp_path):
    path = write_large(tmp_path / "large.h5ad", 200_000, 20_000, 1000)
    found = draw(path, 2000)
    assert 1900 < found["chosen"] <= 2000  # the others have too few genes of the vocabulary
    assert found["peak_bytes"] < 2e9
    assert found["bytes_read"] < path.stat().st_size / 20


def test_cells_that_memory_cannot_hold_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "BYTES_PER_VALUE", 10**12)
    with pytest.raises(RequestError, match=r"reading 50 of 120 cells needs about .* lower cells\.n"):
        run_cells(tmp_path, tenx_file(tmp_path / "a.h5ad"), n=50)
