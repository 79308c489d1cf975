"""Embeddings go into a copy of the user's own file, in its order, NaN where a cell was not embedded."""

import hashlib
import re
from types import SimpleNamespace

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.shift.embeddings import open_embeddings
from tasks.analyses.shift.into_cells import write_embeddings
from tasks.cells.reader import CellsReader
from tasks.store import RequestError
from tests.tasks.analyses.shift.conftest import LAYER


@pytest.fixture(scope="module")
def run(reads, shifted):
    about = {"run_id": "r1", "study": "s", "title": "t"}
    return SimpleNamespace(run=about, folders={("cells", None): reads["cells"], ("shift", LAYER): shifted.path})


def write_file(reads, path, seed=0, more=()):
    names = CellsReader(reads["cells"]).cells()["barcode"].to_list()
    order = np.random.default_rng(seed).permutation(len(names))
    obs = pd.DataFrame(index=[*(names[one] for one in order), *more])
    data = ad.AnnData(csr_matrix((len(obs), 3), dtype=np.float32), obs)
    data.obsm["X_pca"] = np.ones((len(obs), 2))
    data.write_h5ad(path)
    return path


def test_the_copy_has_embeddings_by_cell_and_the_file_is_unchanged(reads, shifted, run, tmp_path):
    path = write_file(reads, tmp_path / "own.h5ad")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    done = write_embeddings(path, tmp_path / "copy.h5ad", run, ["batch_scale0_n3", "batch_scale0_n3_random1"], None)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    data, found = ad.read_h5ad(tmp_path / "copy.h5ad"), open_embeddings(shifted.path)
    assert (done.n_cells, done.n_with) == (120, len(found.cell_id))
    assert done.names == ["clean", "batch_scale0_n3", "batch_scale0_n3_random1"]
    id_of = dict(CellsReader(reads["cells"]).cells().select("barcode", "cell_id").iter_rows())
    row_of = {cell: row for row, cell in enumerate(found.cell_id.tolist())}
    for place, barcode in enumerate(data.obs_names):
        for name in done.names:
            values = data.obsm[f"X_scfm_{name}"][place]
            if id_of[barcode] in row_of:
                np.testing.assert_array_equal(values, found.of(name)[row_of[id_of[barcode]]].astype(np.float32))
            else:
                assert np.isnan(values).all()
    assert data.obsm["X_pca"].shape == (120, 2)
    about = data.uns["scfm_shift"]
    assert (about["run_id"], about["layer"], list(about["n_features"])) == ("r1", LAYER, [0, 3, 3])


def test_without_names_all_settings_of_chosen_features_are_written(reads, shifted, run, tmp_path):
    done = write_embeddings(write_file(reads, tmp_path / "own.h5ad"), tmp_path / "copy.h5ad", run, [], LAYER)
    assert len(done.names) == 1 + shifted.read_table("shift_setting").filter(arm="feature").height


@pytest.mark.parametrize(
    ("names", "layer", "message"),
    [
        (["nothing"], None, "--embeddings: no setting nothing; table shift_setting has reconstruction,"),
        ([], 0, "--layer: run r1 changed no features of layer 0, but of 1"),
    ],
)
def test_what_is_not_there_is_one_line(reads, run, tmp_path, names, layer, message):
    with pytest.raises(RequestError, match=re.escape(message)):
        write_embeddings(write_file(reads, tmp_path / "own.h5ad"), tmp_path / "copy.h5ad", run, names, layer)


def test_cells_of_other_files_and_runs_without_embeddings_are_refused(reads, run, tmp_path):
    path = write_file(reads, tmp_path / "own.h5ad", more=["STRANGER"])
    with pytest.raises(RequestError, match=r"1 of its 121 cells are none of run r1 \(STRANGER\)"):
        write_embeddings(path, tmp_path / "copy.h5ad", run, [], None)
    none = SimpleNamespace(run=run.run, folders={("cells", None): reads["cells"]})
    with pytest.raises(RequestError, match=r"kept no embeddings: set shift\.wanted = true"):
        write_embeddings(path, tmp_path / "copy.h5ad", none, [], None)
    with pytest.raises(RequestError, match="the file itself, which is never changed"):
        write_embeddings(path, path, run, [], None)
