import h5py
import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.formats import matrix as matrix_module
from tasks.cells.formats.matrix import open_matrix
from tasks.cells.formats.opening import open_cells
from tasks.cells.slices import runs
from tasks.store import RequestError
from tests.builders.h5ad_files import matrix_file, random_counts


def stored_as(kind, counts):
    return {"csr": csr_matrix, "csc": csc_matrix, "dense": lambda m: m.toarray()}[kind](counts)


@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
@pytest.mark.parametrize(
    "wanted",
    [range(120), [0], [119], [0, 1, 2, 60, 61, 119], range(0, 120, 7), []],
    ids=lambda rows: f"{len(rows)} rows",
)
def test_rows_are_those_of_the_matrix_in_memory(tmp_path, monkeypatch, kind, wanted):
    monkeypatch.setattr(matrix_module, "SLICE_ROWS", 5)
    monkeypatch.setattr(matrix_module, "SLICE_VALUES", 300)
    counts = random_counts()
    rows = np.array(wanted, dtype=np.int64)
    with open_cells(matrix_file(tmp_path / "m.h5ad", stored_as(kind, counts))) as file:
        found = file.matrix("X").rows(rows)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.toarray(), counts.toarray()[rows])


@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
def test_a_matrix_without_values_is_read(tmp_path, kind):
    empty = csr_matrix((6, 4), dtype=np.float32)
    with open_cells(matrix_file(tmp_path / "m.h5ad", stored_as(kind, empty))) as file:
        assert file.matrix("X").rows(np.arange(6)).shape == (6, 4)
        assert len(file.matrix("X").sample()) == 0


@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
def test_the_sample_sees_both_ends(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(matrix_module, "SAMPLE_VALUES", 10)
    counts = random_counts().toarray()
    counts[0, 0], counts[-1, -1] = 101, 202
    with open_cells(matrix_file(tmp_path / "m.h5ad", stored_as(kind, csr_matrix(counts)))) as file:
        values = file.matrix("X").sample()
    assert {101, 202} <= set(values)
    assert (values != 0).all()


def test_runs_stop_at_long_gaps_and_slice_borders():
    found = runs(np.array([1, 2, 9, 10, 40, 41]), longest=10)
    assert [run.tolist() for run in found] == [[1, 2, 9], [10], [40, 41]]


def test_an_unknown_layout_is_refused(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["X"] = np.arange(5)
        with pytest.raises(RequestError, match=r"X is neither CSR, CSC nor dense"):
            open_matrix(file["X"], "X")
