"""AnnData in zarr, and several modalities in one file: what the same cells give as .h5ad."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import zarr
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.formats.opening import open_cells
from tasks.store import RequestError
from tests.builders.cells_step import run_cells
from tests.builders.h5ad_files import cell_names, human_genes, log_normalised, random_counts

pytestmark = pytest.mark.filterwarnings("ignore")


def cells(counts, **obs):
    ids, symbols = human_genes(counts.shape[1])
    frame = pd.DataFrame(obs, index=cell_names(counts.shape[0]))
    return ad.AnnData(counts, frame, pd.DataFrame({"gene_ids": ids}, index=symbols))


def labelled(store=csr_matrix):
    return cells(store(random_counts()), cell_type=pd.Categorical(["a", "b", "c"] * 40), dose=np.arange(120) / 10)


@pytest.mark.parametrize("store", [csr_matrix, csc_matrix, csr_matrix.toarray], ids=["csr", "csc", "dense"])
@pytest.mark.parametrize("version", [2, 3])
def test_zarr_gives_what_h5ad_gives(tmp_path, store, version):
    labelled(store).write_h5ad(tmp_path / "a.h5ad")
    with ad.settings.override(zarr_write_format=version):
        labelled(store).write_zarr(tmp_path / "a.zarr")
    one, other = (run_cells(tmp_path / end, tmp_path / f"a.{end}", n=50, obs=["dose"]) for end in ("h5ad", "zarr"))
    assert one.cells().drop("source").equals(other.cells().drop("source"))
    assert one.obs().equals(other.obs())
    assert one.genes().equals(other.genes())
    np.testing.assert_array_equal(one.tokens().tokens, other.tokens().tokens)


@pytest.mark.parametrize("name", ["data", "indices"])
def test_chunks_that_are_not_there_are_not_zeros(tmp_path, name):
    with ad.settings.override(zarr_write_format=2):
        labelled().write_zarr(tmp_path / "a.zarr")
    for chunk in (tmp_path / "a.zarr" / "X" / name).glob("[0-9]*"):
        chunk.unlink()
    with pytest.raises(RequestError, match=r"X of .* lacks 1 of 1 chunks: copy the whole folder again"):
        run_cells(tmp_path, tmp_path / "a.zarr")


def test_zarr_that_is_no_anndata_is_refused(tmp_path):
    zarr.open_group(tmp_path / "a.zarr", mode="w").create_group("images")
    with pytest.raises(RequestError, match=r"is zarr but no AnnData \(it lacks obs or var\)"):
        run_cells(tmp_path, tmp_path / "a.zarr")


@pytest.mark.parametrize("empty", [False, True])
def test_counts_in_a_layer_without_x(tmp_path, empty):
    counts = random_counts()
    file = ad.AnnData(obs=labelled().obs, var=labelled().var, layers={"counts": counts})
    file.write_h5ad(tmp_path / "a.h5ad")
    if empty:
        with h5py.File(tmp_path / "a.h5ad", "r+") as opened:
            opened["X"] = h5py.Empty("f4")
    np.testing.assert_array_equal(run_cells(tmp_path, tmp_path / "a.h5ad").counts().toarray(), counts.toarray())


def mudata(path, whole_obs=None, **modalities):
    with h5py.File(path, "w") as file:
        file.attrs["encoding-type"] = "MuData"
        for name, part in modalities.items():
            ad.io.write_elem(file, f"mod/{name}", part)
        first = next(iter(modalities.values()))
        ad.io.write_elem(file, "obs", first.obs if whole_obs is None else whole_obs)
        ad.io.write_elem(file, "var", pd.DataFrame(index=first.var_names))
    return path


def proteins(n=100):
    """More antibodies than there are genes, and all of them called like genes."""
    names = human_genes(n)[1]
    counts = random_counts(120, n, seed=4)
    return ad.AnnData(counts, pd.DataFrame(index=cell_names(120)), pd.DataFrame(index=names))


@pytest.mark.parametrize("name", ["rna", "RNA", "gex", "Gene Expression", "whole_cells"])
def test_the_modality_of_genes_is_read(tmp_path, name):
    labelled().write_h5ad(tmp_path / "a.h5ad")
    path = mudata(tmp_path / "a.h5mu", prot=proteins(), **{name: labelled()})
    one, other = run_cells(tmp_path / "1", tmp_path / "a.h5ad"), run_cells(tmp_path / "2", path)
    assert one.cells().drop("source").equals(other.cells().drop("source"))
    assert one.genes().equals(other.genes())


def test_columns_of_the_whole_file_are_matched_by_cell(tmp_path):
    """The file has more cells than the modality, in another order."""
    names = cell_names(130)[::-1]
    whole = pd.DataFrame({"donor": [f"d{name}" for name in names]}, index=names)
    path = mudata(tmp_path / "a.h5mu", whole, rna=labelled(), prot=proteins())
    reader = run_cells(tmp_path, path, obs=["donor", "cell_type"], where={"cell_type": "a"})
    found = reader.obs()
    donors = found.filter(found["key"] == "donor")["value"].to_list()
    assert donors == [f"dcell-{i}" for i in range(0, 120, 3)]


def test_a_file_without_a_modality_of_genes_is_refused(tmp_path):
    path = mudata(tmp_path / "a.h5mu", prot=proteins(), atac=proteins())
    with pytest.raises(RequestError, match=r"holds no gene expression: its modalities are atac, prot"):
        run_cells(tmp_path, path)


def test_counts_of_another_modality_do_not_stand_in(tmp_path):
    path = mudata(tmp_path / "a.h5mu", rna=cells(log_normalised(random_counts())), prot=proteins())
    with pytest.raises(RequestError, match=r"holds no raw counts: mod/rna/X is not integer"):
        run_cells(tmp_path, path)


def test_places_name_their_modality(tmp_path):
    path = mudata(tmp_path / "a.h5mu", rna=labelled(), prot=proteins())
    with open_cells(path) as file:
        assert file.places() == ["mod/rna/X"]
        with pytest.raises(RequestError, match=r"has no matrix mod/none/X: it has mod/rna/X"):
            file.matrix("mod/none/X")
    assert run_cells(tmp_path, path, counts="mod/rna/X").cells().height == 120
