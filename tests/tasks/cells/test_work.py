import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tasks.cells.settings import CellsSettings
from tasks.store import DamagedShard, StepFolder
from tasks.vocabulary.directory import load_vocabulary
from tests.builders.cells_step import FOLDER, all_cells, run_cells
from tests.builders.h5ad_files import (
    cellxgene_file,
    human_genes,
    matrix_file,
    random_counts,
    tenx_file,
)
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import tiny_scgpt


def test_tables_say_what_became_of_every_cell_and_gene(tmp_path):
    path = cellxgene_file(tmp_path / "nuclei.h5ad")
    reader = run_cells(tmp_path, path, n=30, where={"cell_type": "neuron"}, heldout_fraction=0.1, seed=5)
    cells = all_cells(tmp_path)
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


def shard_hashes(root, path, **settings):
    run_cells(root, path, **settings)
    return [shard.sha256 for shard in StepFolder.open(root / FOLDER).lines["cells"].shards]


def test_the_published_draw_takes_the_head_of_the_file_and_splits_it_at_random(tmp_path):
    reader = run_cells(
        tmp_path, cellxgene_file(tmp_path / "n.h5ad"), n=30, where={"cell_type": "neuron"}, draw="published"
    )
    neurons = [row for row in range(120) if row % 3 != 1]
    chosen = reader.cells()
    assert chosen["cell_id"].to_list() == neurons[:30]
    assert chosen["draw_rank"].to_list() == list(range(30))
    heldout = chosen.filter(chosen["split"] == "heldout")["cell_id"].to_list()
    assert len(heldout) == 6
    assert heldout != neurons[24:30]


def test_same_settings_give_the_same_bytes(tmp_path):
    path = cellxgene_file(tmp_path / "nuclei.h5ad")
    first = shard_hashes(tmp_path / "one", path, n=50)
    assert len(first) == 6
    assert first == shard_hashes(tmp_path / "two", path, n=50)
    assert first != shard_hashes(tmp_path / "three", path, n=50, seed=1)


def test_a_finished_folder_is_left_alone(tmp_path):
    path = tenx_file(tmp_path / "10x.h5ad")
    run_cells(tmp_path, path)
    path.unlink()
    assert run_cells(tmp_path, path).tokens().n_cells == 120


def test_a_truncated_shard_is_one_line(tmp_path):
    reader = run_cells(tmp_path, tenx_file(tmp_path / "10x.h5ad"))
    shard = tmp_path / FOLDER / "tokens.safetensors"
    shard.write_bytes(shard.read_bytes()[:-4])
    with pytest.raises(DamagedShard, match=r"tokens\.safetensors does not match its ledger line"):
        reader.tokens()


def test_a_damaged_folder_is_made_again(tmp_path):
    path = tenx_file(tmp_path / "10x.h5ad")
    tokens = run_cells(tmp_path, path).tokens().tokens
    (tmp_path / FOLDER / "tokens.safetensors").unlink()
    np.testing.assert_array_equal(run_cells(tmp_path, path).tokens().tokens, tokens)


def test_cells_without_enough_genes_of_the_built_vocabulary_are_dropped(tmp_path):
    counts = random_counts().toarray()
    rare = np.zeros((120, 1), dtype=np.float32)
    counts[:1], rare[:1] = 0, 9  # the only cell of a gene that no training cell shares
    reader = run_cells(tmp_path, matrix_file(tmp_path / "a.h5ad", csr_matrix(np.hstack([counts, rare]))), min_genes=1)
    assert all_cells(tmp_path)["drop_reason"][0] == "no known genes"
    assert reader.tokens().n_cells == reader.counts().shape[0] == 119


def test_settings_refuse_what_cannot_be():
    for wrong in (
        {"n": 1},
        {"heldout_fraction": 0},
        {"min_genes": 0},
        {"tokenisation": "binned"},
        {"draw": "first"},
        {"max_length": 4},
        {"colour": "red"},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            CellsSettings(**wrong)


@pytest.mark.parametrize("make", [tiny_scgpt, tiny_scfoundation])
def test_values_lie_beside_the_tokens(tmp_path, make):
    """Cells for a model that reads values: symbols found, values kept, genes named by the first of one symbol."""
    _, symbols = human_genes(60)
    path = tenx_file(tmp_path / "cells.h5ad")
    reader = run_cells(tmp_path, path, make(tmp_path / "model", symbols[:40]))
    tokens, genes = reader.tokens(), reader.genes()
    assert tokens.values.shape == tokens.tokens.shape
    assert reader.vocabulary() == load_vocabulary(tmp_path / "model")
    assert genes["token_id"].to_list() == [*range(40), *[None] * 20]
    assert genes["median"].null_count() == 60
    counts = reader.counts().toarray()[:, :40]
    for i in (0, 3, 50):
        own = np.isin(tokens.cell(i), list(reader.vocabulary().token_of.values()))
        assert tokens.cell(i)[own].tolist() == np.flatnonzero(counts[i]).tolist()
        count = counts[i][tokens.cell(i)[own]]
        assert (np.diff(count[np.lexsort((count, tokens.cell_values(i)[own]))]) >= 0).all(), "values rise with counts"
