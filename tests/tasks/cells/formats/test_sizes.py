"""Matrices of another size than their annotation, and sparse arrays that contradict themselves, are damage."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix, hstack, vstack

from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import cell_names, human_genes, log_normalised, random_counts


def write(path, place, wrong, store):
    """A file whose matrix at ``place`` is changed afterwards."""
    counts = random_counts()
    x = counts if place == "X" else log_normalised(counts)
    obs, var = pd.DataFrame(index=cell_names(120)), pd.DataFrame(index=human_genes()[0])
    file = ad.AnnData(x, obs, var, layers={"counts": counts} if place == "layers/counts" else {})
    if place == "raw/X":
        file.raw = ad.AnnData(counts, obs, var)
    file.write_h5ad(path)
    with h5py.File(path, "r+") as opened:
        del opened[place]
        ad.io.write_elem(opened, place, store(wrong(counts)))
    return path


@pytest.mark.parametrize("store", [csr_matrix, csc_matrix, csr_matrix.toarray], ids=["csr", "csc", "dense"])
@pytest.mark.parametrize("place", ["X", "raw/X", "layers/counts"])
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda x: x[:, 1:], "59 columns, .*var of .* 60 rows"),
        (lambda x: hstack([x, x[:, :5]]).tocsr(), "65 columns, .*var of .* 60 rows"),
        (lambda x: x[:50], "50 rows, obs of .* 120 rows"),
        (lambda x: vstack([x, x[:5]]).tocsr(), "125 rows, obs of .* 120 rows"),
    ],
    ids=["first column missing", "more columns", "fewer rows", "more rows"],
)
def test_a_matrix_of_another_size_is_damaged(tmp_path, place, wrong, told, store):
    path = write(tmp_path / "a.h5ad", place, wrong, store)
    with pytest.raises(RequestError, match=rf"{place.replace('/X', '.X')} of .* has {told}: the file is damaged"):
        run_cells(tmp_path, path)


def beyond(group):
    group["indices"][7] = 1000


def negative(group):
    group["indices"][7] = -3


def fewer_pointers(group):
    values = group["indptr"][:-1]
    del group["indptr"]
    group["indptr"] = values


def falling(group):
    group["indptr"][5] = 10_000


def fewer_values(group):
    values = group["data"][:-4]
    del group["data"]
    group["data"] = values


@pytest.mark.parametrize("store", [csr_matrix, csc_matrix], ids=["csr", "csc"])
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (beyond, "indices beyond its shape"),
        (negative, "indices beyond its shape"),
        (fewer_pointers, "a shape of .* along its compressed axis and pointers for"),
        (falling, "pointers up to"),
        (fewer_values, "pointers up to"),
    ],
)
def test_arrays_that_contradict_one_another_are_damage(tmp_path, store, spoil, told):
    path = tmp_path / "a.h5ad"
    ad.AnnData(store(random_counts()), var=pd.DataFrame(index=human_genes()[0])).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        spoil(file["X"])
    with pytest.raises(RequestError, match=rf"X of .* {told}.*: the file is damaged"):
        run_cells(tmp_path, path)


@pytest.mark.parametrize("code", [7, -2])
def test_codes_out_of_range_are_one_line(tmp_path, code):
    path = tmp_path / "a.h5ad"
    obs = pd.DataFrame({"cell_type": pd.Categorical(["a", "b"] * 60)}, index=cell_names(120))
    ad.AnnData(random_counts(), obs, pd.DataFrame(index=human_genes()[0])).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        file["obs/cell_type/codes"][3] = code
    with pytest.raises(RequestError, match=r"column cell_type, cannot be read \(codes need to be between -1 and"):
        run_cells(tmp_path, path)


def test_a_column_of_another_length_is_damage(tmp_path):
    path = tmp_path / "a.h5ad"
    obs = pd.DataFrame({"dose": np.arange(120.0)}, index=cell_names(120))
    ad.AnnData(random_counts(), obs, pd.DataFrame(index=human_genes()[0])).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        told = dict(file["obs/dose"].attrs)
        del file["obs/dose"]
        file["obs/dose"] = np.arange(119.0)
        file["obs/dose"].attrs.update(told)
    with pytest.raises(RequestError, match=r"obs of .* has 120 rows, its column dose 119: the file is damaged"):
        run_cells(tmp_path, path, obs=["dose"])
