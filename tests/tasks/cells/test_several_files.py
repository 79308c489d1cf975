"""Several files in one study: genes that all have, cells numbered on, equal numbers from each."""

import anndata as ad
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.settings import CellsSettings
from tasks.cells.sources import find_files, source_names
from tasks.cells.step import STEP
from tasks.section import Sections
from tasks.store import RequestError, StepFolder
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.cells_step import FOLDER, MINI, all_cells, run_cells
from tests.builders.contract import assert_contract
from tests.builders.h5ad_files import human_genes, random_counts


def write(path, n_cells, genes, seed=0, by_symbol=False, store=csr_matrix, **obs):
    """A file whose columns are the genes of those numbers; returns its counts as a frame by Ensembl id."""
    ids, symbols = human_genes(60)
    counts = random_counts(n_cells, len(genes), seed)
    frame = pd.DataFrame(obs, index=[f"cell-{i}" for i in range(n_cells)])
    names = [(symbols if by_symbol else ids)[gene] for gene in genes]
    ad.AnnData(store(counts), frame, pd.DataFrame(index=names)).write_h5ad(path)
    return pd.DataFrame(counts.toarray(), columns=[ids[gene] for gene in genes])


@pytest.fixture
def two(tmp_path):
    """Two files, of 50 and 20 cells, that share genes 10 to 49 in another order; the second names them by symbol."""
    genes = range(50), [*range(59, 9, -1)]
    first = write(tmp_path / "a.h5ad", 50, genes[0], donor=[f"d{i % 3}" for i in range(50)], dose=0.5)
    second = write(
        tmp_path / "b.h5ad", 20, genes[1], 1, by_symbol=True, store=csc_matrix, donor=["d2", "d3"] * 10, dose=1
    )
    return [tmp_path / "a.h5ad", tmp_path / "b.h5ad"], pd.concat([first, second], ignore_index=True, join="inner")


def test_cells_follow_one_another_over_the_genes_that_all_files_have(two, tmp_path):
    paths, counts = two
    reader = run_cells(tmp_path, paths)
    cells = all_cells(tmp_path)
    assert_contract(cells, "cell")
    assert reader.genes()["gene_id"].to_list() == human_genes(60)[0][10:50]
    assert set(reader.genes()["matched_by"]) == {"ensembl_id"}
    np.testing.assert_array_equal(reader.counts().toarray(), counts.to_numpy())
    assert cells["cell_id"].to_list() == list(range(70))
    assert cells["source"].to_list() == ["a.h5ad"] * 50 + ["b.h5ad"] * 20
    assert cells["barcode"].to_list() == [f"cell-{i}" for i in [*range(50), *range(20)]]
    assert cells["n_counts"].to_list() == counts.sum(axis=1).to_list(), "counts of genes that one file lacks are none"
    assert StepFolder.open(tmp_path / FOLDER).info["counts_from"] == "X"


@pytest.mark.parametrize(("n", "numbers"), [(10, (5, 5)), (40, (20, 20)), (60, (40, 20)), (70, (50, 20))])
def test_files_give_equal_numbers_as_far_as_they_reach(two, tmp_path, n, numbers):
    found = run_cells(tmp_path, two[0], n=n).cells()["source"]
    assert ((found == "a.h5ad").sum(), (found == "b.h5ad").sum()) == numbers


def test_the_same_seed_draws_the_same_cells(two, tmp_path):
    drawn = [run_cells(tmp_path / str(i), two[0], n=20, seed=seed).cells() for i, seed in enumerate((0, 0, 1))]
    assert drawn[0].equals(drawn[1])
    assert drawn[0]["cell_id"].to_list() != drawn[2]["cell_id"].to_list()


def test_values_of_a_column_give_equal_numbers_in_place_of_files(two, tmp_path):
    reader = run_cells(tmp_path, two[0], n=32, balance="donor", obs=["donor"])
    assert dict(reader.obs()["value"].value_counts().iter_rows()) == {"d0": 8, "d1": 8, "d2": 8, "d3": 8}


def test_cells_without_a_value_are_left_out_of_a_balanced_draw(tmp_path):
    write(tmp_path / "a.h5ad", 30, range(40), donor=pd.Categorical(["d0", "d1", None] * 10))
    reader = run_cells(tmp_path, tmp_path / "a.h5ad", n=10, balance="donor", obs=["donor"])
    assert dict(reader.obs()["value"].value_counts().iter_rows()) == {"d0": 5, "d1": 5}
    assert all_cells(tmp_path)["drop_reason"].to_list()[2::3] == ["filtered out"] * 10


def test_a_filter_holds_for_the_cells_of_every_file(two, tmp_path):
    reader = run_cells(tmp_path, two[0], where={"donor": ["d0", "d3"]}, obs=["donor", "dose"])
    assert set(reader.obs().filter(pl.col("key") == "donor")["value"]) == {"d0", "d3"}
    assert set(reader.cells()["source"]) == {"a.h5ad", "b.h5ad"}
    doses = reader.obs().filter(pl.col("key") == "dose")
    assert (set(doses["kind"]), set(doses["number"])) == ({"number"}, {0.5, 1.0})
    with pytest.raises(RequestError, match=r"no cell of .*a\.h5ad and .*b\.h5ad has donor = d9: there are d0, d1, d2"):
        run_cells(tmp_path / "none", two[0], where={"donor": "d9"})


def test_a_file_without_labels_beside_one_with_them(tmp_path):
    write(tmp_path / "a.h5ad", 20, range(40), cell_type="B")
    write(tmp_path / "b.h5ad", 20, range(40), 1)
    paths = [tmp_path / "a.h5ad", tmp_path / "b.h5ad"]
    assert run_cells(tmp_path / "1", paths).cells()["label"].to_list() == ["B"] * 20 + [None] * 20
    with pytest.raises(RequestError, match=r"cells\.label: .*b\.h5ad has no obs column cell_type: it has none"):
        run_cells(tmp_path / "2", paths, label="cell_type")


def test_files_of_other_genes_are_refused(tmp_path):
    write(tmp_path / "a.h5ad", 20, range(40))
    write(tmp_path / "b.h5ad", 20, range(25, 60), 1)
    with pytest.raises(RequestError, match=r"share 15 genes \(.*: a\.h5ad 40, b\.h5ad 35\), too few to be cells"):
        run_cells(tmp_path, [tmp_path / "a.h5ad", tmp_path / "b.h5ad"])


def test_a_panel_beside_all_genes_is_used(tmp_path):
    write(tmp_path / "a.h5ad", 20, range(60))
    write(tmp_path / "b.h5ad", 20, range(25, 40), 1)
    reader = run_cells(tmp_path / "1", [tmp_path / "a.h5ad", tmp_path / "b.h5ad"], min_genes=1)
    assert reader.genes().height == 15


def test_the_same_bytes_twice_are_refused(tmp_path):
    for name in ("a.h5ad", "b.h5ad"):
        (tmp_path / name).write_bytes(b"1")
    with pytest.raises(RequestError, match="hold the same bytes: name one of them"):
        find_files([str(tmp_path / name) for name in ("a.h5ad", "b.h5ad")])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    for i, sample in enumerate(("s1", "s2")):
        (tmp_path / sample).mkdir()
        write(tmp_path / sample / "cells.h5ad", 20, range(40), i)
    reader = run_cells(tmp_path, [tmp_path / "s1" / "cells.h5ad", tmp_path / "s2" / "cells.h5ad"])
    assert reader.cells()["source"].unique(maintain_order=True).to_list() == ["s1/cells.h5ad", "s2/cells.h5ad"]
    assert source_names([tmp_path / "a" / "x" / "m", tmp_path / "b" / "x" / "m"]) == ["a/x/m", "b/x/m"]


def test_a_folder_of_files_is_one_study(two, tmp_path):
    _, counts = two
    (tmp_path / "._a.h5ad").write_bytes(b"of macOS")
    (tmp_path / "notes.txt").write_text("no cells")
    reader = run_cells(tmp_path / "out", tmp_path)
    np.testing.assert_array_equal(reader.counts().toarray(), counts.to_numpy())
    assert reader.cells()["source"].to_list() == ["a.h5ad"] * 50 + ["b.h5ad"] * 20
    with pytest.raises(RequestError, match="the published draw takes cells of one file as they come"):
        run_cells(tmp_path / "other", tmp_path, draw="published")


def test_a_folder_of_several_formats_is_refused(two, tmp_path):
    ad.read_h5ad(tmp_path / "a.h5ad").write_zarr(tmp_path / "a.zarr")
    with pytest.raises(RequestError, match=r"has cells in several formats \(\.h5ad: a\.h5ad, b\.h5ad; zarr: a\.zarr\)"):
        run_cells(tmp_path / "out", tmp_path)


def test_names_and_bytes_and_order_of_several_files_enter_the_key(tmp_path):
    for name, text in (("a", b"1"), ("b", b"2"), ("c", b"2")):
        (tmp_path / name).write_bytes(text)

    def outside(*names):
        path = [str(tmp_path / name) for name in names]
        return STEP.outside(Sections({"cells": CellsSettings(path=path), "m": ModelSettings(), "v": MINI}), None)

    keys = [outside("a"), outside("a", "b"), outside("b", "a"), outside("a", "c")]
    assert all(one != other for i, one in enumerate(keys) for other in keys[:i])
    alone = CellsSettings(path=str(tmp_path / "a"))
    assert outside("a") == STEP.outside(Sections({"cells": alone, "m": ModelSettings(), "v": MINI}), None)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"path": []}, "path is an empty list"),
        ({"balance": "donor"}, "balance needs n"),
        ({"balance": "donor", "n": 5, "draw": "published"}, "the published draw takes cells of one file"),
        ({"path": ["a", "b"], "draw": "published"}, "the published draw takes cells of one file"),
        ({"obs": ["donor", "donor"]}, "obs names a column twice"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        CellsSettings(**wrong)
