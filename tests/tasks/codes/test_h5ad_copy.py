"""A copy of a file with more in it, exact elsewhere."""

import anndata as ad
import h5py
import numpy as np
import pytest

from tasks.codes.h5ad_copy import Additions, cell_names, copy_with
from tasks.store import RequestError
from tests.builders.h5ad_files import cell_names as names_of
from tests.builders.h5ad_files import tenx_file

VALUES = np.array([[1.5, np.nan]] * 120, dtype=np.float32)
ADDED = Additions({"scfm_mean": VALUES}, {"scfm": {"run_id": "r", "layer": np.array([1, 2])}}, {"L1_F2": VALUES[:, 0]})


def test_what_is_added_is_read_back_and_the_file_is_as_it_was(tmp_path):
    path = tenx_file(tmp_path / "cells.h5ad")
    before = path.read_bytes()
    copy_with(path, tmp_path / "new" / "with.h5ad", ADDED)
    assert path.read_bytes() == before
    data, original = ad.read_h5ad(tmp_path / "new" / "with.h5ad"), ad.read_h5ad(path)
    np.testing.assert_array_equal(data.obsm["scfm_mean"], VALUES)
    assert data.obs.columns.tolist() == [*original.obs.columns, "L1_F2"]
    assert data.obs["L1_F2"].dtype == np.float32
    assert data.uns["scfm"]["run_id"] == "r"
    assert data.uns["scfm"]["layer"].tolist() == [1, 2]
    assert (data.X != original.X).nnz == 0
    assert data.var.equals(original.var)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["with.h5ad"]


def test_names_that_are_taken_are_refused_and_nothing_is_left(tmp_path):
    path = tenx_file(tmp_path / "cells.h5ad")
    copy_with(path, tmp_path / "with.h5ad", ADDED)
    with pytest.raises(RequestError, match=r"has obsm/scfm_mean, uns/scfm, obs/L1_F2 already"):
        copy_with(tmp_path / "with.h5ad", tmp_path / "again.h5ad", ADDED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cells.h5ad", "with.h5ad"]


def test_cells_have_their_names_and_other_files_are_refused(tmp_path):
    path = tenx_file(tmp_path / "cells.h5ad")
    assert cell_names(path) == names_of(120).tolist()
    (tmp_path / "text.h5ad").write_text("no")
    with pytest.raises(RequestError, match=r"text\.h5ad cannot be read as \.h5ad"):
        cell_names(tmp_path / "text.h5ad")
    with h5py.File(tmp_path / "old.h5ad", "w") as file:
        file["obs"] = np.zeros(3, dtype=[("index", "S4"), ("n", "i4")])
    with pytest.raises(RequestError, match=r"was not written by anndata 0\.8 or later"):
        cell_names(tmp_path / "old.h5ad")
