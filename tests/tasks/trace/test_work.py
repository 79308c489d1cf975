"""The step on real folders: tables, contracts, resume, and independence of how the work is cut."""

from dataclasses import replace

import polars as pl
import pytest

from tasks.sae import save_sae
from tasks.store import RequestError, ScfmError, StepFolder
from tasks.trace.measure import Measurement
from tasks.trace.settings import TraceSettings
from tests.builders.killed import Killed, ended_after, shard_hashes
from tests.builders.saes import random_topk
from tests.builders.steps import do_step
from tests.tasks.trace.conftest import SETTINGS

TABLES = [
    "criterion",
    "trace_pair",
    "effect_cell",
    "edge_stat",
    "null_feature",
    "threshold_sweep",
    "feature_degree",
    "trace_control",
    "traced_fit",
    "trace_source",
]


def run(folders, folder, settings=SETTINGS, layer=1):
    return do_step("trace", settings, folder, layer=layer, **folders.reads)


def run_until_killed(folders, folder, n_units):
    """End the step, as ``kill -9`` would, after its n-th unit; whether it was finished before."""
    try:
        with ended_after(n_units):
            run(folders, folder)
    except Killed:
        return False
    return True


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_rows(traced, table):
    assert traced.read_table(table).height > 0


@pytest.mark.slow
def test_killed_after_any_unit_the_tables_come_out_the_same(folders, traced, tmp_path, monkeypatch):
    expected = shard_hashes(traced.path)
    units = len(traced.lines)
    assert units >= 10  # pairs, blocks of features, three controls, their table, tests, edges, summary
    for n_units in range(units):
        folder = tmp_path / f"trace-{n_units}"
        assert not run_until_killed(folders, folder, n_units)
        assert len(StepFolder(folder).lines) == n_units
        assert not StepFolder(folder).done
        assert shard_hashes(run(folders, folder)) == expected


def test_a_damaged_shard_is_made_anew(folders, traced, tmp_path):
    folder = run(folders, tmp_path / "trace-1")
    shard = folder / "tests" / "total-tests-00000.parquet"
    shard.write_bytes(shard.read_bytes()[:-20])
    assert shard_hashes(run(folders, folder)) == shard_hashes(traced.path)


def test_devices_share_the_units_and_change_no_byte(folders, traced, tmp_path, monkeypatch):
    measure, by_thread = Measurement._measure, {}

    def noting(self, worker, cell_block, treatment, bar):
        by_thread.setdefault(id(worker.engine), []).append(treatment.name)
        measure(self, worker, cell_block, treatment, bar)

    monkeypatch.setattr(Measurement, "_measure", noting)
    two = SETTINGS.model_copy(update={"devices": ("cpu", "cpu")})
    assert shard_hashes(run(folders, tmp_path / "trace-1", two)) == shard_hashes(traced.path)
    assert len(by_thread) == 2
    assert all(by_thread.values())


def test_a_finished_folder_is_left_alone(folders, traced, monkeypatch):
    monkeypatch.setattr("tasks.trace.work.load_inputs", lambda *_: pytest.fail("loaded its inputs again"))
    assert run(folders, traced.path) == traced.path


def test_edges_are_sorted_by_source_layer_and_target(traced):
    edges = traced.read_table("edge_stat")
    assert edges.equals(edges.sort("source_feature", "target_layer", "target_feature"))


def test_every_statistic_follows_from_the_archive(traced):
    """mean, deviation, counts and d of edge_stat, recomputed by a query over the per-cell effects."""
    key = ["source_feature", "target_layer", "target_feature"]
    pairs = traced.read_table("trace_pair").group_by("source_feature").agg(n=pl.len())
    rows = traced.read_table("effect_cell").explode("targets", "deltas").rename({"targets": "target_feature"})
    delta = pl.col("deltas").cast(pl.Float64)
    sums = rows.group_by(key).agg(s=delta.sum(), q=delta.pow(2).sum(), pos=(delta > 0).sum(), neg=(delta < 0).sum())
    mean = pl.col("s") / pl.col("n")
    variance = (pl.col("q") - pl.col("n") * mean**2).clip(0) / (pl.col("n") - 1).clip(1)
    slow = sums.join(pairs, on="source_feature").with_columns(m=mean, v=variance.sqrt()).sort(key)
    found = traced.read_table("edge_stat")
    assert found.select(key).equals(slow.select(key))  # every live pair and no other
    assert (found["n_pos"] == slow["pos"]).all()
    assert (found["n_neg"] == slow["neg"]).all()
    assert (found["n_cells"] == slow["n"]).all()
    assert (found["mean"] - slow["m"]).abs().max() < 1e-6
    several = found["n_cells"] > 1
    assert (found["sd"] - slow["v"]).filter(several).abs().max() < 1e-6
    spread = several & (found["sd"] > 1e-3)
    assert ((found["d"] - slow["m"] / slow["v"]) / slow["m"] * slow["v"]).filter(spread).abs().max() < 1e-4


def test_only_later_layers_are_targets_and_all_of_them(traced):
    assert traced.read_table("edge_stat")["target_layer"].unique().sort().to_list() == [2, 3]
    assert traced.info["target_layers"] == [2, 3]


def test_each_family_has_its_own_q(traced):
    from scipy.stats import false_discovery_control

    for _, family in traced.read_table("edge_stat").group_by("target_layer"):
        slow = false_discovery_control(family["p"].to_numpy())
        assert abs(family["q"].to_numpy() - slow).max() < 1e-12


def test_the_manifest_counts_what_was_traced(traced):
    info, pairs = traced.info, traced.read_table("trace_pair")
    assert info["n_pairs"] == pairs.height
    assert info["n_cells"] == SETTINGS.n_cells == pairs["cell_id"].n_unique()
    assert info["n_features"] == pairs["source_feature"].n_unique()
    assert info["effects"] == list(info["edges"]) == ["total"]
    assert set(info["edges"]["total"]) == {"published", "calibrated", "specific"}


def test_another_seed_draws_other_cells(folders, traced, tmp_path):
    other = StepFolder.open(run(folders, tmp_path / "trace-1", SETTINGS.model_copy(update={"seed": 4})))
    cells = [set(step.read_table("trace_pair")["cell_id"]) for step in (traced, other)]
    assert cells[0] != cells[1]


def test_too_little_memory_is_refused_before_the_work(folders, tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.store.memory.available_memory", lambda: 1000)
    with pytest.raises(RequestError, match=r"tracing needs about .* set a smaller trace\.n_cells"):
        run(folders, tmp_path / "trace-1")


def test_a_source_without_later_layers_is_refused(folders, tmp_path):
    settings = TraceSettings(source_layers=[3])
    with pytest.raises(RequestError, match="no target layer follows source layer 3"):
        run(folders, tmp_path / "trace-1", settings, layer=3)


def write_dead(folder, layer):
    """An autoencoder none of whose features is ever active."""
    sae = random_topk(32, 24, 4, layer=layer)
    with StepFolder.create(folder) as out:
        with out.unit("sae") as unit:
            save_sae(replace(sae, b_enc=sae.b_enc - 1000), unit)
        out.finish()
    return folder


def test_a_source_without_living_features_is_reported(folders, tmp_path):
    dead = replace(folders, saes={**folders.saes, 1: write_dead(tmp_path / "sae-9", 1)})
    with pytest.raises(ScfmError, match=r"no feature of L01-.* is active in the traced cells: train it longer"):
        run(dead, tmp_path / "trace-1")


def test_targets_that_never_change_leave_empty_tables(folders, tmp_path):
    dead = {layer: write_dead(tmp_path / f"sae-{layer}", layer) for layer in (2, 3)}
    out = StepFolder.open(run(replace(folders, saes={**folders.saes, **dead}), tmp_path / "trace-1"))
    assert out.read_table("edge_stat").is_empty()
    assert out.read_table("effect_cell").is_empty()
    assert out.read_table("threshold_sweep")["n_edges"].sum() == 0
    assert out.read_table("feature_degree")["degree"].sum() == 0
