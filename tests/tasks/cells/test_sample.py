import gzip
import json
import re

import anndata as ad
import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells import sample
from tasks.cells.reader import CellsReader
from tasks.cells.sample import sources
from tasks.cells.sample.make_sample import MAX_GENES, MIN_CELLS, make_cells
from tasks.cells.sample.marker_labels import PANELS, label_cells, marker_genes
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.store import sha256_file
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.steps import do_step
from tests.shared import shared_path


@pytest.fixture(scope="module")
def cells():
    return ad.read_h5ad(sample.path("pbmc3k.h5ad"))


@pytest.fixture(scope="module")
def published():
    return ad.read_h5ad(shared_path("data/pbmc3k/pbmc3k_raw_labelled.h5ad"))


def adjusted_rand(first, second):
    """Hubert and Arabie 1985, from the contingency table."""
    table = np.unique(np.stack([first, second]), axis=1, return_counts=True)[1]
    pairs = lambda sizes: (sizes * (sizes - 1) / 2).sum()  # noqa: E731
    rows, columns = (pairs(np.unique(labels, return_counts=True)[1]) for labels in (first, second))
    expected = rows * columns / pairs(np.array([len(first)]))
    return (pairs(table) - expected) / ((rows + columns) / 2 - expected)


def test_the_files_are_those_that_the_provenance_describes():
    text = sample.path("PROVENANCE.md").read_text()
    hashes = re.findall(r"^([0-9a-f]{64})  (\S+)$", text, flags=re.MULTILINE)
    assert len(hashes) == 7
    assert {name: sha256_file(sample.path(name)) for _, name in hashes} == {name: sha for sha, name in hashes}


def test_the_sample_is_small_whole_and_raw(cells):
    assert sample.path("pbmc3k.h5ad").stat().st_size < 5e6
    assert cells.shape == (2700, 1974)
    assert isinstance(cells.X, csr_matrix)
    assert (cells.X.data == np.rint(cells.X.data)).all()
    assert cells.X.data.min() == 1
    assert (cells.obs["n_counts"] >= cells.X.sum(axis=1).A1).all()
    assert cells.var_names.str.fullmatch(r"ENSG\d{11}").all()
    assert set(marker_genes()) <= set(cells.var["gene_symbols"])
    assert set(cells.obs["cell_type"]) == set(PANELS)


@pytest.mark.parametrize(("name", "sets"), [("go_bp", 9373), ("reactome", 1615), ("encode_tf", 166)])
def test_gene_set_libraries_are_whole(name, sets):
    lines = gzip.decompress(sample.path(f"gene_sets/{name}.gmt.gz").read_bytes()).decode().splitlines()
    assert len(lines) == len({line.split("\t")[0] for line in lines}) == sets
    assert all(len(line.split("\t")) > 3 and "" not in line.split("\t") for line in lines)


def test_counts_are_those_of_the_published_file(cells, published):
    assert (cells.X != published[cells.obs_names, cells.var_names].X).nnz == 0
    np.testing.assert_array_equal(cells.obs["n_counts"], published.obs["n_counts"])


def test_labels_follow_from_the_counts_and_agree_with_the_published_ones(cells, published, capsys):
    labels = np.array(label_cells(published.X, published.var["gene_symbols"].tolist(), MAX_GENES, MIN_CELLS))
    assert (labels == cells.obs["cell_type"]).mean() > 0.999  # another linear algebra may turn a close call
    theirs = np.array(published.obs["cell_type"].tolist())
    annotated = theirs != "unlabelled"
    accuracy = (labels == theirs)[annotated].mean()
    rand = adjusted_rand(labels[annotated], theirs[annotated])
    with capsys.disabled():
        print(
            f"\nlabels against the published: {accuracy:.1%} equal, adjusted Rand {rand:.3f}, {annotated.sum()} cells"
        )
    assert annotated.sum() == 2638
    assert accuracy > 0.9
    assert rand > 0.8


def test_the_script_makes_the_bundled_cells_again(cells, published, tmp_path, monkeypatch):
    ids, symbols = published.var_names.tolist(), published.var["gene_symbols"].tolist()
    monkeypatch.setattr(sources, "read_10x", lambda _: (published.X, published.obs_names.tolist(), ids, symbols))
    lines = gzip.decompress(sample.path("gene_sets/encode_tf.gmt.gz").read_bytes()).decode().splitlines()
    targets = {line.split("\t")[0]: line.split("\t")[2:] for line in lines}
    (tmp_path / "encode.json").write_text(json.dumps(targets))
    made = make_cells(tmp_path / "tarball", tmp_path / "encode.json")
    assert made.var_names.tolist() == cells.var_names.tolist()
    assert made.obs_names.tolist() == cells.obs_names.tolist()
    assert (made.X != cells.X).nnz == 0
    assert (made.obs["cell_type"] == cells.obs["cell_type"]).mean() > 0.999


def test_the_sample_goes_through_the_step(tmp_path):
    reader = CellsReader(
        do_step("cells", CellsSettings(), tmp_path / "cells-0123456789abcdef", MiniVocabulary(), ModelSettings())
    )
    assert reader.tokens().n_cells == 2700
    assert 150 < np.median(reader.tokens().lengths) < 350
    assert len(reader.vocabulary().token_of) > 1900
    assert reader.cells()["split"].value_counts(sort=True).rows() == [("train", 2160), ("heldout", 540)]
    assert reader.cells()["label"].n_unique() == 8
