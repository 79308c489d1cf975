"""Planted circuits under other ablations and at silent positions: effects, signs and edges that are known."""

from functools import cache

import numpy as np
import polars as pl
import pytest

from tests.builders.planted_circuits import Circuit, Kind
from tests.builders.planted_trace import judge, trace_planted

KINDS = (Kind("strong", 4, 5.0), Kind("somewhere", 4, 5.0, present=7 / 12), Kind("null", 12, 0.0))
LOCAL = Circuit(kinds=KINDS, n_sources=3)
SPREAD = Circuit(kinds=KINDS, n_sources=3, spreads=True)
ENDS = ["source_feature", "target_feature", "cell_id"]


def effects(folder) -> pl.DataFrame:
    """One row per effect: ENDS and delta, sorted."""
    found = folder.read_table("effect_cell").explode("targets", "deltas")
    return found.select("source_feature", pl.col("targets").alias("target_feature"), "cell_id", "deltas").sort(ENDS)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")

    @cache
    def run(circuit, **settings):
        name = "-".join([str(circuit.spreads), *map(str, settings.values())])
        folder = root / f"trace-{name.replace('.', '')}"
        return trace_planted(circuit, 3, folder, **settings)

    return run


@pytest.mark.parametrize("dose", [0.5, 2.0])
def test_a_linear_target_follows_the_dose_and_its_sign_turns_above_one(runs, dose):
    out, moved = effects(runs(LOCAL)), effects(runs(LOCAL, ablation="scale", multiplier=dose))
    assert moved.select(ENDS).equals(out.select(ENDS))
    np.testing.assert_allclose(moved["deltas"], (1 - dose) * out["deltas"], atol=2e-5)
    assert judge(LOCAL, runs(LOCAL)).filter("edge")["specific"].mean() >= 0.95
    assert judge(LOCAL, runs(LOCAL, ablation="scale", multiplier=dose)).filter("edge")["specific"].mean() >= 0.95


def test_a_mean_keeps_the_sign_and_most_of_the_effect_of_what_is_mostly_silent(runs):
    """Sources are active at more than two thirds of the positions here: a third of the effect is left."""
    out, moved = judge(LOCAL, runs(LOCAL)), judge(LOCAL, runs(LOCAL, ablation="mean"))
    both = out.join(moved, on=["source_feature", "target_feature"], suffix="_mean").filter("edge")
    assert (both["mean"].sign() == both["mean_mean"].sign()).all()
    ratio = both["mean_mean"] / both["mean"]
    assert 0.15 < ratio.mean() < 0.4
    assert both["calibrated_mean"].mean() >= 0.95


def test_other_values_of_its_own_move_a_linear_target_either_way(runs):
    moved = judge(LOCAL, runs(LOCAL, ablation="resample"))
    assert moved.filter("edge")["calibrated"].mean() <= 0.05
    assert 0 < moved["mean"].abs().max() < 0.2 * judge(LOCAL, runs(LOCAL))["mean"].abs().max()


def test_nothing_happens_where_the_source_is_silent_unless_attention_carries_it(runs):
    local = runs(LOCAL, positions="silent")
    assert local.read_table("effect_cell").height == 0
    assert local.read_table("edge_stat").height == 0
    spread = judge(SPREAD, runs(SPREAD, positions="silent"))
    assert spread.filter("edge")["calibrated"].mean() >= 0.95
    calls = spread.filter("calibrated")
    assert (~calls["edge"]).mean() <= 0.05 + 2 * (0.05 * 0.95 / calls.height) ** 0.5


def test_at_silent_positions_the_effect_is_the_planted_one(runs):
    """Even attention: the mean of the source over all six positions, times the context of the target."""
    inputs = SPREAD.inputs(3)
    table = inputs.adapter.table.reshape(SPREAD.n_cells, -1, inputs.adapter.table.shape[1])
    truth = -SPREAD.contexts(3) * table[:, :, : SPREAD.n_sources].mean(1).numpy()[:, SPREAD.source_of]
    for positions in ("silent", "all"):
        found = effects(runs(SPREAD, positions=positions))
        wanted = truth[found["cell_id"].to_numpy(), found["target_feature"].to_numpy()]
        np.testing.assert_allclose(found["deltas"], wanted, atol=2e-5)
        assert (SPREAD.source_of[found["target_feature"].to_numpy()] == found["source_feature"].to_numpy()).all()


def test_pooled_effects_weigh_active_and_silent_positions_by_their_number(runs):
    pooled, active, silent = (
        effects(runs(SPREAD, positions=each)).rename({"deltas": each}) for each in ("all", "active", "silent")
    )
    pairs = (
        runs(SPREAD, positions="silent")
        .read_table("trace_pair")
        .select("source_feature", "cell_id", "n_positions", "n_read")
    )
    found = pooled.join(active, on=ENDS).join(silent, on=ENDS).join(pairs, on=["source_feature", "cell_id"])
    assert found.height > 500
    n, m = found["n_positions"].cast(pl.Float64), found["n_read"].cast(pl.Float64)
    np.testing.assert_allclose(found["all"], (n * found["active"] + m * found["silent"]) / (n + m), atol=2e-5)
