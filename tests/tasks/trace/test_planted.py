"""Circuits that are known because they were planted: what is found, what is found wrongly, and of which sign."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.store import StepFolder
from tests.builders.planted_circuits import Circuit, Kind
from tests.builders.planted_trace import judge, trace_planted

SEED = 1
CIRCUIT = Circuit()


@pytest.fixture(scope="module")
def planted_trace(tmp_path_factory) -> StepFolder:
    return trace_planted(CIRCUIT, SEED, tmp_path_factory.mktemp("runs") / "trace-1")


@pytest.fixture(scope="module")
def judged(planted_trace) -> pl.DataFrame:
    return judge(CIRCUIT, planted_trace)


def test_only_wired_pairs_are_live(judged):
    wired = CIRCUIT.source_of[judged["target_feature"].to_numpy()]
    assert judged.height == CIRCUIT.n_targets
    assert (judged["source_feature"].to_numpy() == wired).all()


def test_effects_have_their_planted_size(planted_trace, judged):
    inputs = CIRCUIT.inputs(SEED)
    sources = inputs.source.encode(inputs.adapter.table)
    dense = torch.zeros(len(inputs.adapter.table), 4).scatter_(1, sources.indices, sources.values)
    dense = dense.reshape(CIRCUIT.n_cells, -1, 4)
    mean_active = (dense.sum(1) / (dense > 0).sum(1)).numpy()  # [cells, sources]
    truth = -CIRCUIT.contexts(SEED) * mean_active[:, CIRCUIT.source_of]
    found = judged.sort("target_feature")["mean"].to_numpy()
    np.testing.assert_allclose(found, truth.mean(0), atol=1e-5)


def test_nearly_every_planted_edge_is_found(judged):
    """Of every size, in all cells or in some, of either sign."""
    for (kind, mirror), true in judged.filter("edge").group_by("kind", "mirror"):
        assert true["calibrated"].mean() >= (0.95 if kind == "weak" else 0.98), (kind, mirror)
        assert ((true["mean"] > 0) != mirror).all()
    assert judged.filter("edge")["calibrated"].mean() >= 0.98


def test_false_edges_are_as_rare_as_promised(judged):
    edges = judged.filter("calibrated")
    false = (~edges["edge"]).sum()
    assert false <= edges.height * 0.05 + 2 * (edges.height * 0.05 * 0.95) ** 0.5


def test_mirror_images_are_called_alike_by_the_calibrated_rule(judged):
    images = judged.filter("mirror").sort("target_feature"), judged.filter(~pl.col("mirror")).sort("target_feature")
    for name in ("calibrated", "p", "q"):
        assert images[0][name].equals(images[1][name]), name
    assert images[0]["n_pos"].equals(images[1]["n_neg"].rename("n_pos"))


def test_the_published_rule_misses_positive_effects_of_some_cells_only(judged):
    some = judged.filter(kind="somewhere")
    positive, negative = some.filter(~pl.col("mirror")), some.filter("mirror")
    assert (positive["mean"] > 0).all()
    assert not positive["published"].any()
    assert negative["published"].all()
    assert positive["calibrated"].mean() == negative["calibrated"].mean() >= 0.98


def test_where_nothing_is_planted_the_published_rule_alone_finds_edges(tmp_path):
    nulls = Circuit(n_cells=16, kinds=(Kind("null", 80, 0.0), Kind("null somewhere", 20, 0.0, present=0.75)))
    found = judge(nulls, trace_planted(nulls, SEED, tmp_path / "trace-1"))
    assert found["published"].mean() > 0.02
    assert not found["calibrated"].any()


def test_the_null_expectation_covers_the_false_edges(planted_trace, judged):
    null = planted_trace.read_table("null_feature").filter(criterion="calibrated")
    false = judged.filter(~pl.col("edge") & (pl.col("n_pos") + pl.col("n_neg") >= 8)).filter(
        (pl.col("g").abs() > 0.5) & (pl.max_horizontal("n_pos", "n_neg") / (pl.col("n_pos") + pl.col("n_neg")) > 0.7)
    )
    expected, spread = null["expected_null"].sum(), np.sqrt((null["null_sd"] ** 2).sum())
    assert abs(false.height - expected) < expected * 0.5 + 3 * spread


def test_the_random_direction_control_keeps_no_planted_edge(planted_trace):
    control = planted_trace.read_table("trace_control")
    size = {
        name: control.filter(control=name)["mean_abs_effect"].sum() for name in ("real", "random_direction", "zero")
    }
    assert size["zero"] == 0
    assert size["random_direction"] < size["real"]
