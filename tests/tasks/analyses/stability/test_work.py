"""Step stability on a traced layer: tables keep their contracts and count what the trace says."""

import numpy as np
import polars as pl
import pytest

from tasks.analyses.stability.step import STEP, StabilitySettings
from tasks.cells.reader import CellsReader
from tasks.store import RequestError, StepFolder, table_frame
from tasks.trace.settings import TraceSettings
from tests.builders.contract import assert_contract
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders

TRACE = TraceSettings(source_layers=[1], n_cells=12, nonzero_min=4, n_controls=3, n_flips=500, seed=3)
SETTINGS = StabilitySettings(wanted=True, least_cells=3, n_draws=99, genes=4, folds=3)
N_FEATURES = 24


def described(root, layer, genes):
    """A folder of step describe with the gene lists of every feature, as far as this step reads it."""
    rng = np.random.default_rng(layer)
    rows = [
        (feature, rank + 1, genes[gene])
        for feature in range(N_FEATURES)
        for rank, gene in enumerate(rng.choice(len(genes), 6, replace=False))
    ]
    listed = pl.DataFrame(rows, ["feature", "rank", "gene_id"], orient="row")
    said = {"sae_id": f"L{layer:02d}", "symbol": "S", "fire_count": 1, "gene_count": 1, "fire_rate": 1.0}
    rows = [{**said, "mean_activation": 1.0, "score": 1.0, **row} for row in listed.to_dicts()]
    with StepFolder.create(root / f"describe-{layer:016x}") as out:
        with out.unit("all") as unit:
            unit.table("feature_gene", table_frame("feature_gene", rows))
        out.finish(layer=layer)
    return out.path


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    lengths = [14, 22, 22, 17, 31, 26, 19, 24, 28, 16, 33, 21]
    folders = write_trace_folders(root, lengths=lengths)
    trace = do_step("trace", TRACE, root / "trace-0123456789abcdef", layer=1, **folders.reads)
    genes = CellsReader(folders.cells).genes()["gene_id"].to_list()
    return folders, trace, {layer: described(root, layer, genes) for layer in (1, 2, 3)}


def run(study, folder, settings=SETTINGS):
    folders, trace, lists = study
    reads = {"trace": {1: trace}, "sae": folders.saes, "cells": folders.cells, "describe": lists}
    return StepFolder.open(do_step(STEP, settings, folder, TRACE, layer=1, **reads))


@pytest.fixture(scope="module")
def done(study, tmp_path_factory):
    return run(study, tmp_path_factory.mktemp("runs") / "stability-0123456789abcdef")


def test_tables_keep_their_contracts_and_equal_inputs_give_equal_bytes(study, done, tmp_path):
    again = run(study, tmp_path / "stability-0123456789abcdef")
    for table in STEP.tables:
        frame = done.read_table(table)
        assert not frame.is_empty(), table
        assert_contract(frame, table)
        assert [each.read_bytes() for each in again.shards(table)] == [each.read_bytes() for each in done.shards(table)]
    assert again.info == done.info


def test_draws_are_of_half_and_a_quarter_of_the_cells(done):
    found = done.read_table("run_pair_stability").filter(kind="cells")
    assert found.select("n_cells", "first").unique().sort("n_cells", "first").rows() == [
        (3, "draw 1"), (3, "draw 3"), (6, "draw 1"),
    ]  # fmt: skip
    assert set(found["criterion"]) == {"tested", "published", "published_capped", "calibrated"}


def test_thresholds_count_the_tests_of_the_trace(study, done):
    stat = StepFolder.open(study[1]).read_table("edge_stat")
    found = done.read_table("fdr_threshold")
    assert found["n_pairs"].sum() == stat["p"].count()
    for (sae,), own in stat.group_by("target_sae"):
        rows = found.filter(target_sae=sae)
        assert set(rows["n_tests"]) == {own.height}
        assert rows["n_called"].sum() == own.filter(pl.col("q") <= TRACE.q_max).height
        assert sorted(rows["n_cases"]) == sorted(own["n_cells"].unique())


def test_regressions_are_those_of_all_pairs_with_genes(study, done):
    """Slope and r from edge_stat and a plain computation of co-expression, pair by pair."""
    folders, trace, lists = study
    stat = StepFolder.open(trace).read_table("edge_stat").filter(target_layer=2)
    reader = CellsReader(folders.cells)
    counts = reader.counts().toarray().astype(float)
    values = np.log1p(1e4 * counts / counts.sum(1, keepdims=True))
    with np.errstate(invalid="ignore"):
        r = np.nan_to_num(np.abs(np.corrcoef(values.T)))
    place = {gene: number for number, gene in enumerate(reader.genes()["gene_id"].to_list())}
    genes = {
        layer: {
            feature: [place[gene] for gene in own["gene_id"]]
            for (feature,), own in StepFolder.open(lists[layer]).read_table("feature_gene")
            .filter(pl.col("rank") <= 4).group_by("feature")
        }
        for layer in (1, 2)
    }  # fmt: skip
    x, y = [], []
    for source, target, g in stat.select("source_feature", "target_feature", "g").iter_rows():
        x.append(np.mean([r[a, b] for a in genes[1][source] for b in genes[2][target] if a != b]))
        y.append(abs(g))
    (row,) = (
        done.read_table("regression_summary").filter(rule="marginal", target_sae=stat["target_sae"][0]).rows(named=True)
    )
    assert row["n_pairs"] == len(x)
    assert row["r"] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-4)
    assert row["slope"] == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-3)
    curve = done.read_table("edge_coexpression").filter(rule="partial", target_sae=stat["target_sae"][0])
    assert curve["n_pairs"].sum() == len(x)
    assert (curve["n_pairs"] * curve["mean_abs_g"]).sum() == pytest.approx(np.sum(y))


def test_an_effect_that_was_not_traced_is_refused(study, tmp_path):
    direct = SETTINGS.model_copy(update={"effect": "direct"})
    with pytest.raises(RequestError, match=r"stability\.effect: direct effects were not traced: set it to total"):
        run(study, tmp_path / "stability-0123456789abcdef", direct)
