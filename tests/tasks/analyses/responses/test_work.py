"""The step on a file: its tables, its reasons, several units, resuming."""

import anndata as ad
import numpy as np
import pandas as pd
import polars as pl
import pytest

from tasks.analyses.responses import work
from tasks.analyses.responses.frames import NO_CONTROL, NO_GENE, SEVERAL
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.cells.settings import CellsSettings
from tasks.store import StepFolder, sha256_file
from tests.builders.contract import assert_contract
from tests.builders.planted_screen import plant_screen
from tests.builders.steps import do_step

TABLES = ("perturbation", "perturbation_response")


def write_awkward(path):
    """A screen with 3 cells of one perturbation, one without control in its batch, one of no gene, one of two."""
    screen = plant_screen(3, n_perturbations=6, n_cells=30, n_control=120, n_genes=150)
    names = list(screen.effects)
    obs = screen.cells.obs.assign(cell_line="K", batch="b1")
    few = np.flatnonzero(obs["gene"] == names[0])[3:]
    gene = obs["gene"].to_numpy(dtype=object)
    gene[gene == names[2]] = "nonsense"
    gene[gene == names[3]] = f"{names[4]}+{names[3]}"
    obs["gene"] = gene
    obs.loc[obs["gene"] == names[1], "batch"] = "b2"
    obs["gene"] = pd.Categorical(obs["gene"])
    keep = np.setdiff1d(np.arange(len(obs)), few)
    ad.AnnData(screen.cells.X[keep], obs.iloc[keep], screen.cells.var).write_h5ad(path)
    return names


@pytest.fixture(scope="module")
def awkward(tmp_path_factory):
    folder = tmp_path_factory.mktemp("awkward")
    return folder / "screen.h5ad", write_awkward(folder / "screen.h5ad")


def run(folder, path, **changes):
    settings = ResponsesSettings(path=str(path), column="gene", line="cell_line", batch="batch", **changes)
    return StepFolder.open(do_step("responses", settings, folder, CellsSettings()))


def test_what_cannot_be_told_says_why(tmp_path, awkward):
    path, names = awkward
    out = run(tmp_path / "responses-1", path, guide="guide")
    for table in TABLES:
        assert_contract(out.read_table(table), table)
    rows = {row["perturbation"]: row for row in out.read_table("perturbation").to_dicts()}
    both = "+".join(sorted([names[3], names[4]]))
    assert rows[names[0]]["reason"] == "3 cells beside control cells, fewer than 20"
    assert (rows[names[1]]["reason"], rows[names[1]]["n_unmatched"]) == (NO_CONTROL, 30)
    assert (rows["nonsense"]["reason"], rows["nonsense"]["gene"]) == (NO_GENE, None)
    assert rows[both]["reason"] == SEVERAL
    assert rows[both]["n_genes"] == 2
    assert rows[names[5]]["reason"] is None
    assert rows[names[5]]["on_target_log2"] < -1.5
    assert rows[names[5]]["n_guides"] == 2
    measured = set(out.read_table("perturbation_response")["perturbation"])
    assert measured == {"nonsense", both, names[4], names[5]}
    assert out.info["n_measured"] == len(measured)


def test_units_and_a_finished_folder(tmp_path, awkward, monkeypatch):
    """More units give the same rows, and the bytes of two runs are equal."""
    path, _ = awkward
    one, two = (run(tmp_path / name / "responses-1", path) for name in "ab")
    for table in TABLES:
        first, second = ([sha256_file(shard) for shard in each.shards(table)] for each in (one, two))
        assert first == second
    monkeypatch.setattr(work, "AT_ONCE", 2)
    many = run(tmp_path / "c" / "responses-1", path)
    assert len(many.shards("perturbation")) > 1
    for table in TABLES:
        assert many.read_table(table).equals(one.read_table(table))


def test_cells_of_the_study_serve_where_no_path_is_named(tmp_path, awkward):
    path, _ = awkward
    settings = ResponsesSettings(column="gene")
    out = StepFolder.open(do_step("responses", settings, tmp_path / "responses-1", CellsSettings(path=str(path))))
    assert set(out.read_table("perturbation")["line"]) == {"all"}
    assert out.read_table("perturbation").filter(pl.col("n_measured") > 0).height > 3
