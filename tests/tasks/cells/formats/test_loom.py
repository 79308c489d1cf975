"""``.loom`` files give what the same cells give as ``.h5ad``."""

import h5py
import numpy as np
import pytest

from tasks.cells.formats import loom
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import human_genes, log_normalised, random_counts, tenx_file


def loom_file(path, counts, layers=None, chunks=(16, 16), **attributes):
    ids, symbols = human_genes(counts.shape[1])
    with h5py.File(path, "w") as file:
        file.create_dataset("matrix", data=counts.toarray().T, chunks=chunks, compression="gzip")
        for name, values in (layers or {}).items():
            file.create_dataset(f"layers/{name}", data=values.toarray().T)
        file.create_group("layers") if not layers else None
        file["row_attrs/Gene"], file["row_attrs/Accession"] = np.array(symbols, "S"), np.array(ids, "S")
        file["col_attrs/CellID"] = np.array([f"cell-{i}" for i in range(counts.shape[0])], "S")
        file["col_attrs/pca"] = np.zeros((counts.shape[0], 2))
        for name, values in attributes.items():
            file[f"col_attrs/{name}"] = values
    return path


def assert_same(one, other):
    assert one.cells().drop("source").equals(other.cells().drop("source"))
    assert one.genes().equals(other.genes())
    np.testing.assert_array_equal(one.counts().toarray(), other.counts().toarray())


@pytest.mark.parametrize(("n", "values"), [(None, 8_000_000), (30, 100), (30, 3000)])
def test_loom_gives_what_h5ad_gives(tmp_path, monkeypatch, n, values):
    monkeypatch.setattr(loom, "SLICE_VALUES", values)
    counts = random_counts()
    expected = run_cells(tmp_path / "1", tenx_file(tmp_path / "a.h5ad", counts), n=n)
    assert_same(run_cells(tmp_path / "2", loom_file(tmp_path / "a.loom", counts), n=n), expected)


def test_columns_of_cells_and_layers(tmp_path):
    counts = random_counts()
    donors = np.array([f"d{i % 3}" for i in range(120)], "S")
    path = loom_file(tmp_path / "a.loom", log_normalised(counts), {"counts": counts}, cell_type=donors)
    reader = run_cells(tmp_path / "1", path, where={"cell_type": "d1"})
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray()[1::3])
    with pytest.raises(RequestError, match=r"has no matrix layers/none: it has X, layers/counts"):
        run_cells(tmp_path / "2", path, counts="layers/none")


def test_another_number_of_names_is_damage(tmp_path):
    path = loom_file(tmp_path / "a.loom", random_counts())
    with h5py.File(path, "r+") as file:
        del file["row_attrs/Gene"], file["row_attrs/Accession"]
        file["row_attrs/Gene"] = np.array(human_genes(59)[1], "S")
    with pytest.raises(RequestError, match=r"X of .* has 60 columns, row_attrs of .* 59 rows: the file is damaged"):
        run_cells(tmp_path, path)


def test_a_loom_without_names_is_refused(tmp_path):
    path = loom_file(tmp_path / "a.loom", random_counts())
    with h5py.File(path, "r+") as file:
        del file["col_attrs/CellID"]
    with pytest.raises(RequestError, match=r"col_attrs of .* has no names: one of CellID"):
        run_cells(tmp_path, path)
