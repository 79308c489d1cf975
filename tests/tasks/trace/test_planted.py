"""Circuits that are known because they were planted: what is found, what is found wrongly, and of which sign."""

import numpy as np
import polars as pl
import pytest
import torch

from tasks.store import StepFolder
from tasks.trace.degree import called
from tasks.trace.rules import rules
from tasks.trace.settings import TraceSettings
from tasks.trace.trace import LayerTrace
from tests.builders.planted_circuits import N_CELLS, N_TARGETS, contexts, kinds, planted, source_of

SEED = 1
SETTINGS = TraceSettings(source_layers=[0], n_cells=N_CELLS, n_flips=2000)


@pytest.fixture(scope="module")
def planted_trace(tmp_path_factory) -> StepFolder:
    with StepFolder.create(tmp_path_factory.mktemp("runs") / "trace-1") as out:
        trace = LayerTrace(SETTINGS, planted(SEED), out, "cpu")
        trace.blocks()
        trace.controls()
        trace.edges()
        trace.summary()
        out.finish(**trace.info())
    return StepFolder.open(out.path)


@pytest.fixture(scope="module")
def judged(planted_trace) -> pl.DataFrame:
    """edge_stat with the truth and both rules' verdicts."""
    edges = planted_trace.read_table("edge_stat").with_row_index("row")
    truth = pl.DataFrame({"target_feature": np.arange(N_TARGETS, dtype=np.uint32), "kind": kinds()})
    verdicts = [pl.col("row").is_in(called(edges, rule)["row"].to_list()).alias(rule.name) for rule in rules(SETTINGS)]
    mirror = (pl.col("target_feature") >= N_TARGETS // 2).alias("mirror")
    return edges.join(truth, on="target_feature", maintain_order="left").with_columns(*verdicts, mirror)


def test_only_wired_pairs_are_live(judged):
    wired = source_of()[judged["target_feature"].to_numpy()]
    assert judged.height == N_TARGETS
    assert (judged["source_feature"].to_numpy() == wired).all()


def test_effects_have_their_planted_size(planted_trace, judged):
    inputs = planted(SEED)
    sources = inputs.source.encode(inputs.adapter.table)
    dense = torch.zeros(len(inputs.adapter.table), 4).scatter_(1, sources.indices, sources.values)
    dense = dense.reshape(N_CELLS, -1, 4)
    mean_active = (dense.sum(1) / (dense > 0).sum(1)).numpy()  # [cells, sources]
    truth = -contexts(SEED) * mean_active[:, source_of()]
    found = judged.sort("target_feature")["mean"].to_numpy()
    np.testing.assert_allclose(found, truth.mean(0), atol=1e-5)


def test_nearly_every_planted_edge_is_found(judged):
    true = judged.filter(pl.col("kind") != "null")
    assert true["calibrated"].mean() >= 0.98


def test_false_edges_are_as_rare_as_promised(judged):
    edges = judged.filter("calibrated")
    false = (edges["kind"] == "null").sum()
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


def test_the_published_rule_alone_calls_many_nulls(judged):
    """Its calls among nulls exceed the calibrated rule's, which test."""
    nulls = judged.filter(kind="null")
    assert nulls["published"].sum() > nulls["calibrated"].sum()


def test_the_null_expectation_covers_the_false_edges(planted_trace, judged):
    null = planted_trace.read_table("null_feature").filter(criterion="calibrated")
    false = judged.filter(kind="null").filter(
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
