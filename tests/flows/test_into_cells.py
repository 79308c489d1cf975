"""Features go into a copy of the user's own file, which stays as it was."""

import hashlib
import json
import re

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from tasks.cells import sample
from tasks.codes.axes import read_axes
from tasks.codes.firing_sums import cell_means, sum_firings
from tasks.codes.into_cells import write_into
from tasks.codes.reader import CodesReader
from tasks.store import RequestError, StepFolder
from warehouse import open_snapshot
from warehouse.errors import UnknownName
from warehouse.export.features import features_of_run

CELLS = sample.path("pbmc3k.h5ad")


@pytest.fixture(scope="module")
def named(mini_home):
    """Names of three features of two layers."""
    with open_snapshot(mini_home) as con:
        rows = con.sql("SELECT layer, feature FROM feature WHERE alive AND layer < 2 ORDER BY frequency DESC LIMIT 3")
        return [f"L{layer}_F{feature}" for layer, feature in rows.fetchall()]


@pytest.fixture(scope="module")
def expected(mini_home, named):
    """Mean by cell_id of the named features, by the sums that describe them."""
    run = features_of_run(mini_home, None)
    activations, cells = run.folders["activations", None], run.folders["cells", None]
    axes = read_axes(activations, cells)
    columns = []
    for name in named:
        layer, feature = (int(part[1:]) for part in name.split("_"))
        codes = CodesReader(run.folders["codes", layer])
        columns.append(cell_means(sum_firings(codes, axes, codes.n_features), axes)[:, [feature]].toarray().ravel())
    return dict(zip(axes.cell_id.tolist(), np.stack(columns, axis=1), strict=True))


def write(path, out, home, names=(), layer=None, summary="mean", run=None):
    return write_into(path, out, features_of_run(home, run), list(names), layer, summary)


def elements(path, skip=()):
    """The bytes and attributes of everything in a file, by path."""
    found = {}

    def see(name, node):
        if not name.startswith(tuple(skip)):
            value = node[()] if isinstance(node, h5py.Dataset) else None
            text = value.tobytes() if isinstance(value, np.ndarray) and value.dtype != object else repr(value)
            found[name] = (text, {k: str(v) for k, v in node.attrs.items() if k != "column-order"})

    with h5py.File(path) as file:
        file.visititems(see)
    return found


def test_the_copy_has_the_features_and_is_the_same_elsewhere(mini_home, named, expected, tmp_path):
    before = hashlib.sha256(CELLS.read_bytes()).hexdigest()
    done = write(CELLS, tmp_path / "with.h5ad", mini_home, named)
    assert hashlib.sha256(CELLS.read_bytes()).hexdigest() == before
    assert (done.n_features, done.n_cells, done.n_with) == (3, 2700, len(expected))
    data, original = ad.read_h5ad(tmp_path / "with.h5ad"), ad.read_h5ad(CELLS)
    found = data.obsm["scfm_mean"]
    assert found.dtype == np.float32
    for row in range(2700):
        if row in expected:
            np.testing.assert_allclose(found[row], expected[row][order(data, named)], rtol=1e-5, atol=1e-7)
        else:
            assert np.isnan(found[row]).all()
    for i, name in enumerate(data.uns["scfm"]["name"]):
        np.testing.assert_array_equal(data.obs[name].to_numpy(), found[:, i])
    pd.testing.assert_frame_equal(data.obs[original.obs.columns], original.obs)
    pd.testing.assert_frame_equal(data.var, original.var)
    assert (data.X != original.X).nnz == 0
    added = ("obsm", "uns", *(f"obs/{name}" for name in named))
    assert elements(tmp_path / "with.h5ad", added) == elements(CELLS, added)


def order(data, named):
    return [named.index(name) for name in data.uns["scfm"]["name"]]


def test_the_copy_says_where_the_numbers_are_from(mini_home, named, tmp_path):
    done = write(CELLS, tmp_path / "with.h5ad", mini_home, named, summary="max")
    about = ad.read_h5ad(tmp_path / "with.h5ad").uns["scfm"]
    assert about["run_id"] == done.run_id
    assert about["obsm"] == "scfm_max"
    assert about["summary"].startswith("max: largest activation at any position")
    with open_snapshot(mini_home) as con:
        rows = con.sql("SELECT sae_id, layer, feature, coalesce(label, '') FROM feature").fetchall()
    written = zip(about["sae_id"], about["layer"], about["feature"], about["label"], strict=True)
    assert {tuple(map(str, row)) for row in written} <= {tuple(map(str, row)) for row in rows}


def test_a_whole_layer_goes_into_obsm_alone(mini_home, tmp_path):
    done = write(CELLS, tmp_path / "with.h5ad", mini_home, layer=1)
    data = ad.read_h5ad(tmp_path / "with.h5ad")
    with open_snapshot(mini_home) as con:
        (alive,) = con.sql(
            "SELECT count(*) FROM feature JOIN sae USING (run_id, sae_id) WHERE alive AND feature.layer = 1"
        ).fetchone()
    assert data.obsm["scfm_mean"].shape == (2700, done.n_features)
    assert 0 < done.n_features <= alive
    assert list(data.obs.columns) == list(ad.read_h5ad(CELLS).obs.columns)


def processed(path, rows):
    """A user's own part of the cells, in another order, with a map, raw counts, and a layer."""
    data = ad.read_h5ad(CELLS)[rows].copy()
    data.raw = data
    data.obsm["X_umap"] = np.random.default_rng(0).normal(size=(len(rows), 2))
    data.uns["note"] = "mine"
    data.layers["log"] = csr_matrix(data.X).log1p()
    data.X = data.layers["log"].toarray()
    data.write_h5ad(path)
    return path


def test_a_part_of_the_cells_in_another_order_is_matched_by_name(mini_home, named, expected, tmp_path):
    rows = np.random.default_rng(1).permutation(2700)[:900]
    done = write(processed(tmp_path / "mine.h5ad", rows), tmp_path / "with.h5ad", mini_home, named)
    data = ad.read_h5ad(tmp_path / "with.h5ad")
    assert done.n_with == sum(int(row) in expected for row in rows)
    for place, row in enumerate(rows):
        if int(row) in expected:
            wanted = expected[int(row)][order(data, named)]
            np.testing.assert_allclose(data.obsm["scfm_mean"][place], wanted, rtol=1e-5, atol=1e-7)
    assert data.uns["note"] == "mine"
    added = ("obsm/scfm", "uns/scfm", *(f"obs/{name}" for name in named))
    assert elements(tmp_path / "with.h5ad", added) == elements(tmp_path / "mine.h5ad", added)


def renamed(path, names):
    data = ad.read_h5ad(CELLS)[: len(names)].copy()
    data.obs_names = names
    data.write_h5ad(path)
    return path


def test_cells_of_another_file_are_refused(mini_home, named, tmp_path):
    path = renamed(tmp_path / "other.h5ad", [f"cell-{i}" for i in range(50)])
    with pytest.raises(RequestError, match=r"50 of its 50 cells are none of run \w+ \(cell-0, cell-1, cell-2\)"):
        write(path, tmp_path / "with.h5ad", mini_home, named)
    twice = renamed(tmp_path / "twice.h5ad", [ad.read_h5ad(CELLS).obs_names[0]] * 2)
    with pytest.raises(RequestError, match="several cells have one name"):
        write(twice, tmp_path / "with.h5ad", mini_home, named)
    assert not (tmp_path / "with.h5ad").exists()


def test_what_cannot_be_written_is_one_line(mini_home, named, tmp_path):
    out = tmp_path / "with.h5ad"
    write(CELLS, out, mini_home, named)
    text = tmp_path / "no.h5ad"
    text.write_text("no")
    for path, target, names, layer, said in (
        (CELLS, CELLS, named, None, "the file itself, which is never changed"),
        (out, tmp_path / "again.h5ad", named, None, r"has obsm/scfm_mean, uns/scfm, obs/L\d_F\d+ already"),
        (text, tmp_path / "again.h5ad", named, None, "cannot be read as .h5ad"),
        (CELLS, tmp_path / "again.h5ad", ["L0_F99999"], None, r"has no L0_F99999; names are like L0_F"),
        (CELLS, tmp_path / "again.h5ad", [], None, "say which features"),
        (CELLS, tmp_path / "again.h5ad", [], 99, "no living feature in layer 99"),
    ):
        with pytest.raises(RequestError, match=said) as caught:
            write(path, target, mini_home, names, layer)
        assert "\n" not in str(caught.value)
    with pytest.raises(UnknownName, match="is not published"):
        write(CELLS, tmp_path / "again.h5ad", mini_home, named, run="nothing")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["no.h5ad", "with.h5ad"]


@pytest.mark.slow
def test_the_command_writes_the_copy(mini_home, named, tmp_path, scfm):
    done = scfm(mini_home, "export", "--into", str(CELLS), "--out", str(tmp_path / "w.h5ad"), "--features", *named)
    assert done.status == 0, done.err
    assert "3 features of run" in done.out
    for words in (("--into", str(CELLS)), ("a.h5ad", "--out", "b.h5ad"), ()):
        refused = scfm(mini_home, "export", *words)
        assert refused.status == 2, words


def test_a_run_says_what_it_knows(mini_run):
    home, finished = mini_run
    assert re.search(r"the model knows \d\d\.\d% of the counts and 500 of 1,974 genes", finished.out)
    manifest = next(path for path in (home / "runs").glob("cells-*/manifest.json"))
    assert json.loads(manifest.read_text())["info"]["shares"]["identified_counts"] == 1.0
    assert StepFolder.open(manifest.parent).info["counts_from"] == "X"
