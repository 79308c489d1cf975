"""Planted targets: what each control makes of a direction's own effect, of an effect of any size, and of noise.

targets                         excess over fixed directions    over noise drawn anew at every position
answer their feature alone      1                               1
answer any displacement         0                               0
answer along a direction        about 0                         near 1: cancelled, whatever the feature does
"""

import polars as pl
import pytest

from tasks.analyses.controls.work import summary_rows
from tests.builders.planted_circuits import Kind
from tests.builders.planted_controls import ShieldedCircuit
from tests.builders.planted_trace import trace_planted

FIXED = ("random_direction", "covariance_matched")


def summed_up(kinds, folder, seed=0):
    circuit = ShieldedCircuit(n_sources=8, n_cells=16, kinds=kinds)
    traced = trace_planted(circuit, seed, folder, more_controls=("published_noise",), control_cells=0)
    rows = summary_rows(traced.read_table("trace_control"), 199, [0])
    assert {row["n_features"] for row in rows} == {8}
    return {row["control"]: row for row in rows}


def test_no_control_reaches_what_answers_the_feature_alone(tmp_path):
    rows = summed_up((Kind("own", 5, 5.0), Kind("null", 5, 0.0)), tmp_path / "trace-1")
    assert rows["zero"]["real_mean"] >= 2 * 5 * 0.9
    for control in ("zero", *FIXED, "published_noise"):
        assert rows[control]["control_mean"] == 0
        assert rows[control]["excess"] == 1
        assert rows[control]["reached"] == 0
    assert rows["zero"]["p"] is None
    assert all(rows[control]["p"] <= 0.01 for control in (*FIXED, "published_noise"))


def test_every_control_does_as_much_to_what_answers_any_size(tmp_path):
    rows = summed_up((Kind("any", 5, 5.0, answers="size"),), tmp_path / "trace-1")
    assert rows["zero"]["excess"] == 1
    for control in (*FIXED, "published_noise"):
        assert rows[control]["control_mean"] == pytest.approx(rows[control]["real_mean"], rel=0.02)
        assert rows[control]["excess"] == pytest.approx(0, abs=0.02)
        assert rows[control]["p"] is None or rows[control]["p"] > 0.05


def test_fresh_noise_cancels_where_a_fixed_direction_does_as_much(tmp_path):
    rows = summed_up((Kind("reading", 5, 5.0, answers="direction"),), tmp_path / "trace-1")
    for control in FIXED:
        assert abs(rows[control]["excess"]) <= 0.1
    assert rows["published_noise"]["excess"] >= 0.8


def test_rows_are_those_of_the_named_controls_alone(tmp_path):
    circuit = ShieldedCircuit(n_sources=4, n_cells=12, kinds=(Kind("own", 2, 5.0),))
    plain = trace_planted(circuit, 0, tmp_path / "trace-1", control_cells=0).read_table("trace_control")
    more = trace_planted(circuit, 0, tmp_path / "trace-2", control_cells=0, more_controls=("published_noise",))
    both = more.read_table("trace_control")
    assert "published_noise" not in plain["control"].to_list()
    assert both.filter(pl.col("control") != "published_noise").equals(plain)
