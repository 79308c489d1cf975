"""Obs columns on the way from the file to table ``cell_obs``, and files with columns that nobody can read."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import polars as pl
import pytest

from tasks.store import RequestError, StepFolder
from tests.builders.cells_step import FOLDER, run_cells
from tests.builders.contract import assert_contract
from tests.builders.h5ad_files import human_genes, random_counts

N = 60


def obs_frame():
    return pd.DataFrame(
        {
            "cell_type": pd.Categorical(np.tile(["T cell", "B cell", "nan"], N // 3)),
            "donor": [f"d{i % 4}" for i in range(N)],
            "dose": np.tile([0.1, 0.25, 0.7], N // 3).astype("float32"),
            "age": pd.array([None, *range(1, N)], dtype="Int64"),
            "treated": pd.array([True, False, None] * (N // 3), dtype="boolean"),
            "odd": np.where(np.arange(N) == 3, np.inf, 1.0),
        },
        index=[f"c{i}" for i in range(N)],
    )


@pytest.fixture
def path(tmp_path):
    ids, symbols = human_genes()
    var = pd.DataFrame({"gene_ids": ids, "note": "x"}, index=symbols)
    ad.AnnData(random_counts(N), obs_frame(), var).write_h5ad(tmp_path / "cells.h5ad")
    return tmp_path / "cells.h5ad"


def spoil(path, *names):
    """Columns of an encoding that no program knows."""
    with h5py.File(path, "r+") as file:
        for name in names:
            file[name].attrs["encoding-type"] = "of the future"
            file[name].attrs["encoding-version"] = "9"


def test_named_columns_are_kept_for_the_chosen_cells(path, tmp_path):
    names = ["donor", "dose", "age", "treated", "cell_type"]
    reader = run_cells(tmp_path, path, n=30, obs=names)
    found, frame = reader.obs(), obs_frame()
    assert_contract(found, "cell_obs")
    chosen = reader.cells()["cell_id"].to_list()
    assert found.select("key", "cell_id").rows() == [(name, cell) for name in names for cell in chosen]
    rows = {(key, cell): (kind, value, number) for cell, key, value, number, kind in found.iter_rows()}
    for cell in chosen:
        told = frame.iloc[cell]
        assert rows["donor", cell] == ("category", told["donor"], None)
        assert rows["dose", cell] == ("number", None, float(str(told["dose"])))
        assert rows["age", cell] == ("number", None, None if pd.isna(told["age"]) else told["age"])
        treated = None if pd.isna(told["treated"]) else str(told["treated"]).lower()
        assert rows["treated", cell] == ("boolean", treated, None)
        assert rows["cell_type", cell] == ("category", None if cell % 3 == 2 else told["cell_type"], None)


def test_columns_are_kept_only_if_they_are_named(path, tmp_path):
    assert run_cells(tmp_path, path).obs().is_empty()
    assert not StepFolder.open(tmp_path / FOLDER).shards("cell_obs")


def test_a_label_that_says_nan_is_none(path, tmp_path):
    labels = run_cells(tmp_path, path).cells()["label"]
    assert dict(labels.value_counts().iter_rows()) == {"T cell": 20, "B cell": 20, None: 20}


def test_labels_that_may_mean_none_are_said_in_the_record(path, tmp_path):
    data = ad.read_h5ad(path)
    data.obs["cell_type"] = np.tile(["T cell ", "unknown", "T cell"], N // 3)
    data.write_h5ad(path)
    labels = run_cells(tmp_path, path).cells()["label"]
    assert dict(labels.value_counts().iter_rows()) == {"T cell": 40, "unknown": 20}
    assert "unknown (20 cells)" in StepFolder.open(tmp_path / FOLDER).info["doubtful_labels"]


def test_numbers_of_less_precision_serve_as_filter_and_label(path, tmp_path):
    reader = run_cells(tmp_path / "1", path, where={"dose": 0.1}, label="dose")
    assert reader.cells()["cell_id"].to_list() == list(range(0, N, 3))
    assert set(reader.cells()["label"]) == {"0.1"}
    assert set(run_cells(tmp_path / "2", path, label="dose").cells()["label"]) == {"0.1", "0.25", "0.7"}


def test_an_unknown_column_gives_the_nearest_names(path, tmp_path):
    with pytest.raises(RequestError) as caught:
        run_cells(tmp_path, path, obs=["donor", "Donors"])
    expected = "no obs column Donors: did you mean donor? it has cell_type, donor, dose, age, treated, odd"
    assert str(caught.value) == f"cells.obs: {path} has {expected}"


def test_infinite_numbers_are_refused_where_they_are_asked_for(path, tmp_path):
    assert run_cells(tmp_path / "1", path, n=40, obs=["donor"]).cells().height == 40
    with pytest.raises(RequestError, match=r"cells\.obs: odd is infinite in some cells"):
        run_cells(tmp_path / "2", path, obs=["odd"])


def test_a_column_that_nobody_can_read_is_in_the_way_of_no_other(path, tmp_path):
    spoil(path, "obs/age", "var/note")
    reader = run_cells(tmp_path / "1", path, obs=["donor"], where={"treated": True})
    assert reader.cells().height == N // 3
    with pytest.raises(RequestError, match=r"obs of .*, column age, cannot be read \(.*\): write it with an earlier"):
        run_cells(tmp_path / "2", path, obs=["age"])


def test_a_column_that_is_listed_but_not_there_is_one_line(path, tmp_path):
    with h5py.File(path, "r+") as file:
        del file["obs/dose"]
    assert run_cells(tmp_path / "1", path).cells().height == N
    with pytest.raises(RequestError, match=r"column dose, cannot be read \(") as caught:
        run_cells(tmp_path / "2", path, obs=["dose"])
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:Element .* was written without encoding metadata")
def test_categories_as_anndata_0_7_wrote_them(path, tmp_path):
    with h5py.File(path, "r+") as file:
        codes, categories = file["obs/cell_type/codes"][:], file["obs/cell_type/categories"][:]
        del file["obs/cell_type"]
        file["obs/__categories/cell_type"] = categories
        file["obs/cell_type"] = codes
        file["obs/cell_type"].attrs["categories"] = file["obs/__categories/cell_type"].ref
    labels = run_cells(tmp_path, path).cells()["label"]
    assert labels.to_list() == ["T cell", "B cell", None] * (N // 3)


@pytest.mark.parametrize(("place", "what"), [("obs", "rows"), ("var", "columns")])
def test_a_matrix_of_another_size_than_its_annotation_is_damaged(path, tmp_path, place, what):
    with h5py.File(path, "r+") as file:
        index = file[place].attrs["_index"]
        for name in list(file[place]):
            if isinstance(file[place][name], h5py.Dataset):
                values, told = file[place][name][:-1], dict(file[place][name].attrs)
                del file[place][name]
                file[place].create_dataset(name, data=values)
                file[place][name].attrs.update(told)
        assert index in file[place]
    with pytest.raises(RequestError, match=rf"X of .* has 60 {what}, {place} of .* 59 rows: the file is damaged"):
        run_cells(tmp_path, path)


def test_obs_of_the_bundled_sample(tmp_path):
    from tasks.cells import sample

    reader = run_cells(tmp_path, sample.path("pbmc3k.h5ad"), n=50, obs=["n_counts", "cell_type"])
    wide = reader.obs().filter(pl.col("key") == "cell_type")["value"]
    assert wide.to_list() == reader.cells()["label"].to_list()
