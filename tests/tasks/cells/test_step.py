from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from tasks.cells.reader import CellsReader
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.cells.step import choose_cells
from tasks.models.vocabulary import Vocabulary
from tasks.store import DamagedShard, RequestError
from tests.builders.contract import assert_contract
from tests.builders.h5ad_files import (
    cellxgene_file,
    human_genes,
    log_normalised,
    matrix_file,
    random_counts,
    tenx_file,
)

MINI = MiniVocabulary(max_genes=50, max_length=40)


def run(folder: Path, path: Path | str, vocabulary=MINI, **settings) -> CellsReader:
    settings = CellsSettings(path=str(path), min_genes=settings.pop("min_genes", 5), **settings)
    return CellsReader(choose_cells.fn(settings, vocabulary, folder / "cells-0123456789abcdef"))


def all_cells(reader: CellsReader) -> pl.DataFrame:
    return reader._step.read_table("cell")


def model_directory(folder: Path, genes: list[str]) -> Path:
    special = {"<pad>": 0, "<mask>": 1, "<cls>": 2, "<eos>": 3}
    tokens = {gene: i for i, gene in enumerate(genes, start=4)}
    Vocabulary(tokens, dict.fromkeys(genes, 100.0), special, 64).save(folder)
    config = f'{{"model_type": "bert", "vocab_size": {len(genes) + 4}, "max_position_embeddings": 64}}'
    (folder / "config.json").write_text(config)
    return folder


@pytest.mark.parametrize("store", [csr_matrix, csc_matrix, csr_matrix.toarray], ids=["csr", "csc", "dense"])
def test_the_layout_on_disk_does_not_change_the_result(tmp_path, store):
    counts = random_counts()
    reader = run(tmp_path, matrix_file(tmp_path / "cells.h5ad", store(counts)), n=40)
    chosen = reader.cells()["cell_id"].to_numpy()
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray()[chosen])
    np.testing.assert_array_equal(reader.tokens().cell_id, chosen)


def test_tables_obey_their_contracts(tmp_path):
    reader = run(tmp_path, cellxgene_file(tmp_path / "nuclei.h5ad"), n=30, where={"cell_type": "neuron"})
    assert_contract(all_cells(reader), "cell")
    assert_contract(reader.genes(), "gene")


def test_tables_say_what_became_of_every_cell_and_gene(tmp_path):
    path = cellxgene_file(tmp_path / "nuclei.h5ad")
    reader = run(tmp_path, path, n=30, where={"cell_type": "neuron"}, heldout_fraction=0.1, seed=5)
    cells = all_cells(reader)
    assert cells["drop_reason"].value_counts(sort=True).rows() == [
        ("not sampled", 50),
        ("filtered out", 40),
        (None, 30),
    ]
    chosen = reader.cells()
    assert chosen["split"].value_counts(sort=True).rows() == [("train", 27), ("heldout", 3)]
    assert set(chosen["label"]) == {"neuron"}
    assert chosen["barcode"].to_list() == [f"cell-{i}" for i in chosen["cell_id"]]
    assert chosen["n_tokens"].to_list() == reader.tokens().lengths.tolist()
    counts = reader.counts()
    assert chosen["n_counts"].to_list() == counts.sum(axis=1).ravel().tolist()[0]
    assert chosen["n_genes"].to_list() == np.diff(counts.indptr).tolist()
    genes, vocabulary = reader.genes(), reader.vocabulary()
    assert dict(genes.drop_nulls("token_id").select("gene_id", "token_id").iter_rows()) == vocabulary.token_of
    assert dict(genes.drop_nulls("median").select("gene_id", "median").iter_rows()) == vocabulary.median_of
    assert genes["n_cells"].to_list() == (counts.toarray() > 0).sum(axis=0).tolist()
    np.testing.assert_allclose(genes["mean_count"], counts.toarray().mean(axis=0), rtol=1e-6)


def test_nuclei_take_counts_and_genes_from_raw(tmp_path):
    counts = random_counts()
    reader = run(tmp_path, cellxgene_file(tmp_path / "nuclei.h5ad", counts), where={"is_primary_data": True})
    ids, symbols = human_genes()
    assert reader.genes()["gene_id"].to_list() == ids
    assert reader.genes()["symbol"].to_list() == symbols
    np.testing.assert_array_equal(reader.counts().toarray(), counts.toarray()[::2])
    assert reader._step.info["counts_from"] == "raw.X"


def test_a_10x_file_without_labels(tmp_path):
    reader = run(tmp_path, tenx_file(tmp_path / "10x.h5ad"))
    assert reader.cells()["label"].null_count() == 120
    assert reader.genes()["gene_id"].to_list() == human_genes()[0]
    assert set(reader.genes()["matched_by"]) == {"ensembl_id"}


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
def test_duplicate_symbols_become_one_gene(tmp_path):
    names = human_genes(4)[1]
    counts = csr_matrix(np.arange(1, 41, dtype=np.float32).reshape(8, 5))
    path = matrix_file(tmp_path / "a.h5ad", counts, [*names, names[1]])
    reader = run(tmp_path, path, MiniVocabulary(max_genes=10, max_length=8), min_genes=1)
    assert reader.genes()["symbol"].to_list() == names
    assert reader.counts().toarray()[0].tolist() == [1, 2 + 5, 3, 4]


def test_same_settings_give_the_same_bytes(tmp_path):
    path = cellxgene_file(tmp_path / "nuclei.h5ad")
    first, second = (run(tmp_path / name, path, n=50)._step for name in ("one", "two"))
    hashes = [[shard.sha256 for shard in step.lines["cells"].shards] for step in (first, second)]
    assert len(hashes[0]) == 6
    assert hashes[0] == hashes[1]
    assert hashes[0] != [shard.sha256 for shard in run(tmp_path / "3", path, n=50, seed=1)._step.lines["cells"].shards]


def test_a_finished_folder_is_left_alone(tmp_path):
    path = tenx_file(tmp_path / "10x.h5ad")
    run(tmp_path, path)
    path.unlink()
    assert run(tmp_path, path).tokens().n_cells == 120


def test_a_truncated_shard_is_one_line(tmp_path):
    reader = run(tmp_path, tenx_file(tmp_path / "10x.h5ad"))
    shard = reader._step.path / "tokens.safetensors"
    shard.write_bytes(shard.read_bytes()[:-4])
    with pytest.raises(DamagedShard, match=r"tokens\.safetensors does not match its ledger line"):
        reader.tokens()


def test_a_damaged_folder_is_made_again(tmp_path):
    path = tenx_file(tmp_path / "10x.h5ad")
    tokens = run(tmp_path, path).tokens().tokens
    (tmp_path / "cells-0123456789abcdef" / "tokens.safetensors").unlink()
    np.testing.assert_array_equal(run(tmp_path, path).tokens().tokens, tokens)


def test_a_models_own_vocabulary_is_used(tmp_path):
    genes = [*human_genes(20)[0], "ENSG99999999999"]
    model = model_directory(tmp_path / "model", genes)
    reader = run(tmp_path, tenx_file(tmp_path / "10x.h5ad"), model)
    assert list(reader.vocabulary().token_of) == genes
    assert reader.vocabulary().max_length == 64
    assert reader.genes()["token_id"].null_count() == 40
    assert reader.tokens().tokens.max() < 24


def test_a_model_that_knows_no_gene_is_refused(tmp_path):
    model = model_directory(tmp_path / "model", ["ENSMUSG00000032094", "ENSMUSG00000024673"])
    with pytest.raises(RequestError) as caught:
        run(tmp_path, tenx_file(tmp_path / "10x.h5ad"), model)
    assert "the model knows none of its 60 genes (the file has ENSG" in str(caught.value)
    assert "the model ENSMUSG00000032094, ENSMUSG00000024673)" in str(caught.value)


def test_cells_without_enough_genes_of_the_built_vocabulary_are_dropped(tmp_path):
    counts = random_counts().toarray()
    rare = np.zeros((120, 1), dtype=np.float32)
    counts[:1], rare[:1] = 0, 9  # the only cell of a gene that no training cell shares
    reader = run(tmp_path, matrix_file(tmp_path / "a.h5ad", csr_matrix(np.hstack([counts, rare]))), min_genes=1)
    assert all_cells(reader)["drop_reason"][0] == "no known genes"
    assert reader.tokens().n_cells == reader.counts().shape[0] == 119


def test_log_normalised_data_is_refused_and_leaves_no_result(tmp_path):
    path = matrix_file(tmp_path / "log.h5ad", log_normalised(random_counts()))
    with pytest.raises(RequestError, match="log-normalised counts per 10,000"):
        run(tmp_path, path)
    assert not (tmp_path / "cells-0123456789abcdef" / "manifest.json").exists()


def test_an_empty_selection_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"0 of 120 cells are left .*\(80 filtered out, 40 too few genes\)"):
        run(tmp_path, cellxgene_file(tmp_path / "n.h5ad"), where={"cell_type": "glia"}, min_genes=61)


def test_settings_refuse_what_cannot_be():
    for wrong in ({"n": 1}, {"heldout_fraction": 0}, {"min_genes": 0}, {"tokenisation": "binned"}, {"colour": "red"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            CellsSettings(**wrong)


def test_categories_that_no_cell_has_are_unknown(tmp_path):
    with pytest.raises(RequestError, match="has cell_type = absent: there are glia, neuron"):
        run(tmp_path, cellxgene_file(tmp_path / "n.h5ad"), where={"cell_type": "absent"})


def test_string_columns_serve_as_filter_and_label(tmp_path):
    obs = pd.DataFrame({"kind": ["a", "b"] * 60}, index=[f"cell-{i}" for i in range(120)])
    reader = run(tmp_path, tenx_file(tmp_path / "t.h5ad", obs=obs), where={"kind": ["b"]}, label="kind")
    assert reader.cells()["cell_id"].to_list() == list(range(1, 120, 2))
    assert set(reader.cells()["label"]) == {"b"}
