import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.settings import MiniVocabulary
from tasks.store import RequestError, StepFolder
from tests.builders.cells_step import FOLDER, model_directory, run_cells
from tests.builders.h5ad_files import (
    cellxgene_file,
    human_genes,
    log_normalised,
    matrix_file,
    random_counts,
    tenx_file,
)


@pytest.mark.parametrize("store", [csr_matrix, csc_matrix, csr_matrix.toarray], ids=["csr", "csc", "dense"])
def test_the_layout_on_disk_does_not_change_the_result(tmp_path, store):
    counts = random_counts()
    reader = run_cells(tmp_path, matrix_file(tmp_path / "cells.h5ad", store(counts)), n=40)
    chosen = reader.cells()["cell_id"].to_numpy()
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray()[chosen])
    np.testing.assert_array_equal(reader.tokens().cell_id, chosen)


def test_nuclei_take_counts_and_genes_from_raw(tmp_path):
    counts = random_counts()
    reader = run_cells(tmp_path, cellxgene_file(tmp_path / "nuclei.h5ad", counts), where={"is_primary_data": True})
    ids, symbols = human_genes()
    assert reader.genes()["gene_id"].to_list() == ids
    assert reader.genes()["symbol"].to_list() == symbols
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray()[::2])
    assert StepFolder.open(tmp_path / FOLDER).info["counts_from"] == "raw.X"


def test_a_10x_file_without_labels(tmp_path):
    reader = run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"))
    assert reader.cells()["label"].null_count() == 120
    assert reader.genes()["gene_id"].to_list() == human_genes()[0]
    assert set(reader.genes()["matched_by"]) == {"ensembl_id"}


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_duplicate_symbols_become_one_gene(tmp_path):
    names = human_genes(4)[1]
    counts = csr_matrix(np.arange(1, 41, dtype=np.float32).reshape(8, 5))
    path = matrix_file(tmp_path / "a.h5ad", counts, [*names, names[1]])
    reader = run_cells(tmp_path, path, MiniVocabulary(max_genes=10, max_length=8), min_genes=1)
    assert reader.genes()["symbol"].to_list() == names
    assert reader.counts().toarray()[0].tolist() == [1, 2 + 5, 3, 4]


def test_string_columns_serve_as_filter_and_label(tmp_path):
    obs = pd.DataFrame({"kind": ["a", "b"] * 60}, index=[f"cell-{i}" for i in range(120)])
    reader = run_cells(tmp_path, tenx_file(tmp_path / "t.h5ad", obs=obs), where={"kind": ["b"]}, label="kind")
    assert reader.cells()["cell_id"].to_list() == list(range(1, 120, 2))
    assert set(reader.cells()["label"]) == {"b"}


def test_log_normalised_data_is_refused_and_leaves_no_result(tmp_path):
    path = matrix_file(tmp_path / "log.h5ad", log_normalised(random_counts()))
    with pytest.raises(RequestError, match="log-normalised counts per 10,000"):
        run_cells(tmp_path, path)
    assert not (tmp_path / FOLDER / "manifest.json").exists()


def test_an_empty_selection_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"0 of 120 cells are left .*\(80 filtered out, 40 too few genes\)"):
        run_cells(tmp_path, cellxgene_file(tmp_path / "n.h5ad"), where={"cell_type": "glia"}, min_genes=61)


def test_categories_that_no_cell_has_are_unknown(tmp_path):
    with pytest.raises(RequestError, match="has cell_type = absent: there are glia, neuron"):
        run_cells(tmp_path, cellxgene_file(tmp_path / "n.h5ad"), where={"cell_type": "absent"})


def test_a_models_own_vocabulary_is_used(tmp_path):
    genes = [*human_genes(20)[0], "ENSG99999999999"]
    model = model_directory(tmp_path / "model", genes)
    reader = run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"), model)
    assert list(reader.vocabulary().token_of) == genes
    assert reader.vocabulary().max_length == 64
    assert reader.genes()["token_id"].null_count() == 40
    assert reader.tokens().tokens.max() < 24


def test_cells_are_cut_to_the_wanted_length(tmp_path):
    model = model_directory(tmp_path / "model", human_genes()[0])
    path = tenx_file(tmp_path / "10x.h5ad")
    whole = run_cells(tmp_path / "whole", path, model).tokens()
    reader = run_cells(tmp_path / "cut", path, model, max_length=12)
    cut = reader.tokens()
    assert reader.vocabulary().max_length == cut.lengths.max() == 12 < whole.lengths.max()
    assert cut.cell(0).tolist() == [*whole.cell(0)[:11], whole.cell(0)[-1]]


def test_a_built_vocabulary_keeps_the_wanted_length(tmp_path):
    reader = run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"), max_length=12)
    assert reader.vocabulary().max_length == reader.tokens().lengths.max() == 12


def test_a_length_beyond_the_models_is_refused(tmp_path):
    model = model_directory(tmp_path / "model", human_genes()[0])
    with pytest.raises(RequestError, match=r"cells\.max_length is 65, the model takes 64 tokens: lower it"):
        run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"), model, max_length=65)


def test_a_model_that_knows_no_gene_is_refused(tmp_path):
    model = model_directory(tmp_path / "model", ["ENSMUSG00000032094", "ENSMUSG00000024673"])
    with pytest.raises(RequestError) as caught:
        run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"), model)
    assert "the model knows none of its 60 genes (the file has ENSG" in str(caught.value)
    assert "the model ENSMUSG00000032094, ENSMUSG00000024673)" in str(caught.value)
