"""Step effect_sizes on a traced layer: tables keep their contracts and count what the trace says."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tasks.analyses.effect_sizes.step import STEP, EffectSizesSettings
from tasks.store import RequestError, StepFolder
from tasks.trace.settings import TraceSettings
from tests.builders.contract import assert_contract
from tests.builders.steps import do_step
from tests.builders.trace import write_trace_folders

TRACE = TraceSettings(source_layers=[1], n_cells=12, nonzero_min=4, n_controls=3, n_flips=500, seed=3)
SETTINGS = EffectSizesSettings(wanted=True, null_flips=10, n_draws=99)
ENDS = ["source_feature", "target_layer"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    lengths = [14, 22, 22, 17, 31, 26, 19, 24, 28, 16, 33, 21]
    folders = write_trace_folders(root, lengths=lengths)
    trace = do_step("trace", TRACE, root / "trace-0123456789abcdef", layer=1, **folders.reads)
    return folders, trace


def run(study, folder, settings=SETTINGS, trace_settings=TRACE):
    folders, trace = study
    reads = {"trace": {1: trace}, "sae": folders.saes, "cells": folders.cells}
    return StepFolder.open(do_step(STEP, settings, folder, trace_settings, layer=1, **reads))


@pytest.fixture(scope="module")
def done(study, tmp_path_factory):
    return run(study, tmp_path_factory.mktemp("runs") / "effect_sizes-0123456789abcdef")


def test_tables_keep_their_contracts_and_equal_inputs_give_equal_bytes(study, done, tmp_path):
    again = run(study, tmp_path / "effect_sizes-0123456789abcdef")
    for table in STEP.tables:
        frame = done.read_table(table)
        assert not frame.is_empty(), table
        assert_contract(frame, table)
        assert again.shards(table)[0].read_bytes() == done.shards(table)[0].read_bytes()
    assert again.info == done.info


def test_edges_are_those_of_the_trace(study, done):
    trace = StepFolder.open(study[1])
    out = trace.read_table("feature_degree").filter(direction="out")
    found = done.read_table("attenuation")
    for (criterion, sae), own in out.group_by("criterion", "other_sae"):
        row = found.row(by_predicate=(pl.col("criterion") == criterion) & (pl.col("target_sae") == sae), named=True)
        assert row["n_edges"] == own["degree"].sum()
        assert row["mean_edges"] == pytest.approx(own["degree"].mean())
        assert row["n_without"] == (own["degree"] == 0).sum()
    null = trace.read_table("null_feature")
    for criterion in ("published", "calibrated"):
        by_trace = null.filter(criterion=criterion)["expected_null"].mean()
        ours = found.filter(criterion=criterion)["expected_null"].sum()
        assert ours == pytest.approx(by_trace, rel=0.25)  # other flips of the same cells


def test_sizes_are_those_of_edge_stat(study, done):
    stat = StepFolder.open(study[1]).read_table("edge_stat")
    tested = done.read_table("effect_size_summary").filter(criterion="tested")
    for row in tested.iter_rows(named=True):
        own = stat.filter(target_sae=row["target_sae"])
        assert row["n_pairs"] == own.height
        assert row["median_abs_d"] == pytest.approx(own["d"].abs().median())
        assert row["share_negative"] == pytest.approx((own["d"] < 0).mean())
    ecdf = done.read_table("effect_size_ecdf").filter(d_min=0.5)
    for row in ecdf.iter_rows(named=True):
        own = stat.filter(target_sae=row["target_sae"])
        assert row["n_above"] == (own["d"].cast(pl.Float64).abs() > 0.5).sum()
        assert row["n_tested"] == stat["source_feature"].n_unique() * 24


def test_the_published_sweep_is_a_count_over_edge_stat(study, done):
    stat = StepFolder.open(study[1]).read_table("edge_stat")
    sweep = done.read_table("threshold_sweep")
    assert sweep["criterion"].unique().to_list() == ["published"]
    agreement = pl.max_horizontal("n_pos", pl.col("n_cells") - pl.col("n_pos")) / pl.col("n_cells")
    sources = StepFolder.open(study[1]).read_table("trace_pair")["source_feature"].unique().sort()

    def degrees(size, least):
        agreed = agreement >= 1 if least == 1 else agreement > least
        own = stat.filter(agreed & (pl.col("d").cast(pl.Float64).abs() > size))["source_feature"].to_numpy()
        return np.array([(own == source).sum() for source in sources])

    for row in sweep.iter_rows(named=True):
        slow = degrees(row["effect_min"], row["consistency_min"])
        assert row["n_edges"] == slow.sum()
        if np.ptp(slow):
            assert row["rank_rho"] == pytest.approx(spearmanr(slow, degrees(0.5, 0.7)).statistic)


def test_responses_come_from_companions_and_degrees_from_the_trace(study, done):
    trace = StepFolder.open(study[1])
    found = done.read_table("target_response").filter(criterion="calibrated")
    into = trace.read_table("feature_degree").filter(direction="in", criterion="calibrated")
    assert found["degree"].sum() == into["degree"].sum()
    assert found.height == into.height
    names = [name for name in trace.lines if "-k" in name]
    deltas = pl.concat(pl.read_parquet(trace.file(f"measured/{name}.parquet")) for name in names)
    flat = deltas.select("target_sae", target_feature="targets", delta="deltas").explode("target_feature", "delta")
    sums = flat.group_by("target_sae", "target_feature").agg(total=pl.col("delta").abs().cast(pl.Float64).sum())
    joined = found.join(sums, on=["target_sae", "target_feature"], how="left").with_columns(
        pl.col("total").fill_null(0)
    )
    slow = (joined["total"] / joined["n_companions"]).to_list()
    assert joined["mean_abs_response"].to_list() == pytest.approx(slow, rel=1e-6)
    assert max(slow) > 0


def test_without_companions_there_is_no_response(study, tmp_path):
    folders, _ = study
    alone = TRACE.model_copy(update={"control_cells": 0})
    trace = do_step("trace", alone, tmp_path / "trace-0123456789abcdef", layer=1, **folders.reads)
    found = run((folders, trace), tmp_path / "effect_sizes-0123456789abcdef", trace_settings=alone)
    assert found.read_table("target_response").is_empty()
    assert set(found.read_table("split_half")["criterion"]) == {"tested", "published", "published_capped", "calibrated"}


def test_an_effect_that_was_not_traced_is_refused(study, tmp_path):
    direct = SETTINGS.model_copy(update={"effect": "direct"})
    with pytest.raises(RequestError, match=r"effect_sizes\.effect: direct effects were not traced: set it to total"):
        run(study, tmp_path / "effect_sizes-0123456789abcdef", settings=direct)
