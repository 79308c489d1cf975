"""The step on real folders: contracts, sums like dense codes, planted types, refusals, and equal bytes."""

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_matrix

from tasks.analyses.labels.step import STEP, LabelsSettings
from tasks.analyses.labels.sums import sum_for_labels
from tasks.statistics import benjamini_hochberg
from tasks.statistics.van_elteren import van_elteren
from tasks.store import RequestError, StepFolder
from tests.builders.contract import assert_contract
from tests.builders.describe import DEAD, N_CELLS, N_FEATURES, N_PLANTED, make_world
from tests.builders.labelled_cells import OF_LUNG, write_labelled
from tests.builders.steps import do_step

SMALL = {"family_draws": 99, "fine_draws": 99, "min_cells": 5, "max_family": 12}
READ = {"donor": "donor", "given": "batch", "families": ("planted",), "min_donors": 2, "keep_p": 1.0}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_labelled(tmp_path_factory.mktemp("labels"))


def run(folders, folder, **changes):
    settings = LabelsSettings(wanted=True, **{**SMALL, **READ, **changes})
    return do_step("labels", settings, folder / "labels-0123456789abcdef", layer=2, **folders)


@pytest.fixture(scope="module")
def made(folders, tmp_path_factory):
    return StepFolder.open(run(folders, tmp_path_factory.mktemp("runs")))


@pytest.mark.parametrize("table", STEP.tables)
def test_tables_keep_their_contract(made, table):
    rows = made.read_table(table)
    assert_contract(rows, table)
    assert (rows.height > 0) == (table != "feature_tissue")  # these cells name no tissue


@pytest.mark.parametrize("n_chunks", [1, 7])
def test_sums_equal_dense_codes(n_chunks):
    world = make_world()
    rng = np.random.default_rng(0)
    value, excess = rng.random(world.cell.size), rng.normal(size=world.cell.size)
    sums = sum_for_labels(world.firings(n_chunks), world.axes, N_FEATURES, value, excess)
    codes, fires = world.codes.astype(np.float64), world.codes > 0
    by_cell = {name: np.zeros((N_CELLS, N_FEATURES)) for name in ("total", "count", "maximum", "excess")}
    for cell in range(N_CELLS):
        own = world.cell == cell
        by_cell["total"][cell], by_cell["count"][cell] = codes[own].sum(axis=0), fires[own].sum(axis=0)
        by_cell["maximum"][cell] = codes[own].max(axis=0)
        by_cell["excess"][cell] = (excess[own, None] * fires[own]).sum(axis=0)
    for name, dense in by_cell.items():
        np.testing.assert_allclose(getattr(sums, name).toarray(), dense, atol=1e-9)
        assert getattr(sums, name).indptr.tolist() == sums.count.indptr.tolist()
    genes = np.array([int(symbol[1:]) for symbol in world.axes.symbol])
    for column, gene in enumerate(genes):
        own = world.gene == gene
        assert (sums.gene_fires[:, column] == fires[own].sum(axis=0)).all()
        np.testing.assert_allclose(sums.gene_value[:, column], (value[own, None] * fires[own]).sum(axis=0), atol=1e-9)


def test_planted_types_are_marked_and_p_is_van_elterens(made, folders):
    rows = made.read_table("feature_label").filter(~pl.col("conditional"), pl.col("obs_column") == "cell_type")
    marks = rows.filter("significant", pl.col("label") == "T")["feature"].to_list()
    assert marks == list(range(0, N_PLANTED, 2))
    world = make_world()
    kept = np.arange(N_CELLS) % 3 < 2  # a third is unlabelled
    means = np.stack([world.codes[world.cell == cell].mean(axis=0, dtype=float) for cell in range(N_CELLS)])[kept]
    depth = (np.arange(N_CELLS) % 11)[kept]
    donor = (np.arange(N_CELLS) % 4)[kept]
    edges = np.quantile(np.arange(N_CELLS) % 11, [0.25, 0.5, 0.75], method="inverted_cdf")
    strata = donor * 10 + np.searchsorted(edges, depth, side="left")
    expected = van_elteren(csr_matrix(means).tocsc(), (np.arange(N_CELLS)[kept] % 3 == 0).astype(np.int64), 2, strata)
    for row in rows.filter(pl.col("label") == "T").to_dicts():
        assert row["p"] == pytest.approx(expected.p[row["feature"], 1], rel=1e-9)
        assert row["auroc"] == pytest.approx(expected.auroc[row["feature"], 1], abs=1e-9)
        assert (row["strata"], row["unit"], row["n_cells"], row["n_others"]) == ("donor, depth", "cell", 40, 40)
        assert (row["n_donors"], row["donor_p"] is None) == (4, False)
    assert DEAD not in rows["feature"]


def test_one_family_holds_all_columns_and_conditions_are_apart(made):
    rows, summary = made.read_table("feature_label"), made.read_table("label_summary")
    for conditional in (False, True):
        own = rows.filter(conditional=conditional)
        p, q = own.filter(pl.col("p").is_not_null()).select("p", "q")
        np.testing.assert_allclose(q, benjamini_hochberg(p.to_numpy()), rtol=1e-9)
        assert summary.filter(conditional=conditional, rule="stratified")["n_tests"].sum() == p.len()
    assert set(rows.filter("conditional")["obs_column"]) == {"cell_type", "disease"}
    disease, others = rows.filter(obs_column="disease"), rows.filter(pl.col("obs_column") != "disease")
    assert set(others.filter(conditional=True)["strata"]) == {"donor, batch, depth"}
    assert set(disease["unit"]) == {"donor"}
    assert set(disease["strata"]) == {"depth", "batch, depth"}, "donors are compared with each other"
    of_disease = summary.filter(obs_column="disease", rule="stratified").sort("conditional")
    assert of_disease["strata"].to_list() == ["depth", "batch, depth"]
    assert disease["p"].null_count() == disease["low"].len() - disease["p"].count() == 0


def test_kept_rows_tell_every_small_q(folders, made, tmp_path):
    every = made.read_table("feature_label").filter(conditional=False)
    few = StepFolder.open(run(folders, tmp_path, keep_p=0.05)).read_table("feature_label").filter(conditional=False)
    assert few.height < every.height
    wanted = every.filter(pl.col("p") <= 0.05)
    keys = ["feature", "obs_column", "label"]
    assert few.join(wanted, on=keys, how="semi").equals(wanted)
    left = few.join(wanted, on=keys, how="anti")
    smallest = every.group_by("feature", "obs_column").agg(p=pl.col("p").min())
    assert left.join(smallest, on=["feature", "obs_column", "p"], how="anti").is_empty()


def test_every_rule_stands_beside_its_null(made):
    summary = made.read_table("label_summary").filter(obs_column="cell_type", conditional=False)
    assert set(summary["rule"]) == {
        "stratified", "unstratified", "ami", "f1",
        "published_geneformer", "published_scgpt", "published_ami", "published_f1",
    }  # fmt: skip
    assert (summary["n_null"] == 3).all()
    assert summary["null_mean"].null_count() == 0
    best = summary.filter(rule="published_ami").row(0, named=True)
    assert best["null_mean"] > 0.5
    own = summary.filter(rule="stratified").row(0, named=True)
    assert own["called_fraction"] > own["null_mean"] + 0.1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": ("tissue",)}, "has no obs column tissue"),
        ({"families": ("kegg",)}, r"labels\.families: references\.gene_sets has no library kegg"),
        ({"max_family": 4}, r"labels\.families: no set of planted has 5 to 4 genes"),
    ],
)
def test_a_wrong_request_writes_nothing(folders, tmp_path, changes, words):
    with pytest.raises(RequestError, match=words):
        run(folders, tmp_path, **changes)
    assert not list(tmp_path.rglob("*.parquet"))


def test_columns_that_cannot_be_compared_are_named_with_the_reason(tmp_path):
    folders = write_labelled(tmp_path, columns=("donor", "same", "score"))
    made = StepFolder.open(run(folders, tmp_path, given=None, families=()))
    reasons = [
        "same is one in every cell that has it",
        "score holds numbers (120 different ones, not all of them whole) and no names",
    ]
    assert made.info["notes"] == [f"not compared: {reason}" for reason in reasons]
    assert made.read_table("label_summary").drop_nulls("reason")["reason"].to_list() == reasons


def test_tissues_are_called_by_the_published_rule(tmp_path):
    """The cells in which one feature is most active are those from the lung; some cells name no tissue."""
    folders = write_labelled(tmp_path, columns=("donor", "tissue"))
    made = StepFolder.open(run(folders, tmp_path, given=None, families=()))
    rows = made.read_table("feature_tissue")
    assert_contract(rows, "feature_tissue")
    published = made.read_table("feature_label_published").filter(obs_column="tissue", rule="published_geneformer")
    wanted = {(row["feature"], row["label"]): (row["q"], row["odds_ratio"]) for row in published.to_dicts()}
    found = {(row["feature"], row["tissue"]): (row["q"], row["odds_ratio"]) for row in rows.to_dicts()}
    assert found == wanted
    assert (OF_LUNG, "lung") in found
    described = StepFolder.open(folders["describe"])
    assert described.read_table("cell_type_summary")["tissues"].to_list() == ["blood, lung"]


def test_cells_without_obs_columns_are_held_against_their_types(tmp_path):
    folders = write_labelled(tmp_path, columns=())
    made = StepFolder.open(run(folders, tmp_path, donor=None, given=None, families=()))
    assert set(made.read_table("feature_label")["obs_column"]) == {"cell_type"}
    assert set(made.read_table("feature_label")["strata"]) == {"depth"}


def test_done_work_is_not_repeated_and_equal_inputs_give_equal_bytes(made, folders, tmp_path, monkeypatch):
    again = StepFolder.open(run(folders, tmp_path))
    for table in STEP.tables:
        assert again.shards(table)[0].read_bytes() == made.shards(table)[0].read_bytes()
    (again.path / "manifest.json").unlink()
    monkeypatch.setattr("tasks.analyses.labels.work.associate", None)
    assert StepFolder.open(run(folders, tmp_path)).info == made.info
