"""How much of the cells a model knows: said in every run, and refused below a bound."""

import numpy as np
import polars as pl
import pytest

from tasks.store import RequestError, StepFolder
from tests.builders.cells_step import FOLDER, model_directory, run_cells
from tests.builders.h5ad_files import human_genes, matrix_file, random_counts, tenx_file


def test_the_share_of_counts_and_genes_is_said_and_recorded(tmp_path):
    ids, _ = human_genes()
    reader = run_cells(tmp_path, tenx_file(tmp_path / "a.h5ad"), model_directory(tmp_path / "model", ids[:20]))
    counts = reader.counts().toarray().astype(float)
    share = counts[:, :20].sum() / counts.sum()
    info = StepFolder.open(tmp_path / FOLDER).info
    assert info["known"] == (
        f"the model knows {share:.1%} of the counts and 20 of 60 genes; "
        "100.0% of the counts and 60 genes have an Ensembl id"
    )
    assert info["shares"] == {
        "known_genes": 20,
        "known_counts": pytest.approx(share, rel=1e-12),
        "identified_genes": 60,
        "identified_counts": 1.0,
    }
    np.testing.assert_allclose(
        reader.cells()["known_share"].to_numpy(), counts[:, :20].sum(axis=1) / counts.sum(axis=1), rtol=1e-12
    )
    genes = reader.genes()
    known = genes.filter(pl.col("token_id").is_not_null())["mean_count"].sum() / genes["mean_count"].sum()
    assert known == pytest.approx(share, rel=1e-6)


def test_too_small_a_share_is_refused(tmp_path):
    ids, _ = human_genes()
    path, model = tenx_file(tmp_path / "a.h5ad"), model_directory(tmp_path / "model", ids[:20])
    with pytest.raises(RequestError, match=r"knows 4\d\.\d% of the counts .* less than cells\.min_known = 0\.5 \("):
        run_cells(tmp_path, path, model, min_known=0.5)
    assert run_cells(tmp_path, path, model, min_known=0.3).tokens().n_cells > 100


def test_a_model_trained_here_needs_identified_genes(tmp_path):
    ids, _ = human_genes(20)
    path = matrix_file(tmp_path / "a.h5ad", random_counts(), [*ids, *(f"odd-{i}" for i in range(40))])
    with pytest.raises(RequestError, match=r"less than cells\.min_known = 0\.5"):
        run_cells(tmp_path, path, min_known=0.5)
    run_cells(tmp_path, path, min_known=0.3)
    assert StepFolder.open(tmp_path / FOLDER).info["shares"]["identified_genes"] == 20


def test_genes_of_other_species_are_named(tmp_path):
    ids, _ = human_genes(40)
    mouse = [f"ENSMUSG{i:011d}" for i in range(20)]
    path = matrix_file(tmp_path / "a.h5ad", random_counts(), [*ids, *mouse])
    run_cells(tmp_path, path, model_directory(tmp_path / "model", ids))
    assert "; genes of mouse: 20" in StepFolder.open(tmp_path / FOLDER).info["known"]
    all_mouse = matrix_file(tmp_path / "m.h5ad", random_counts(), [f"ENSMUSG{i:011d}.3" for i in range(60)])
    with pytest.raises(RequestError, match=r"knows none of its 60 genes \(the file has ENSMUSG.*, genes of mouse; the"):
        run_cells(tmp_path / "m", all_mouse, model_directory(tmp_path / "other", ids))
