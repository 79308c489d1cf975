"""Controls summed up: the published figures, tables and contract, and how often a control alike is called different."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tasks.analyses.controls.step import ControlsSettings
from tasks.analyses.controls.work import compared, signed_ranks, summary_rows
from tasks.store import StepFolder
from tests.builders.contract import assert_contract
from tests.builders.steps import do_step
from tests.builders.study_shards import make_study

SETTINGS = ControlsSettings(wanted=True, n_draws=199)


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    _, folders = make_study(tmp_path_factory.mktemp("study"), n_features=60)
    (found,) = [folder for folder in folders if folder.name.startswith("trace")]
    return found


def done(trace, folder):
    return StepFolder.open(do_step("controls", SETTINGS, folder, layer=0, trace={0: trace}))


def test_table_keeps_its_contract_and_figures_are_those_of_a_loop(trace, tmp_path):
    made = done(trace, tmp_path / "controls-1")
    found = made.read_table("control_summary")
    assert_contract(found, "control_summary")
    again = done(trace, tmp_path / "controls-2")
    assert again.shards("control_summary")[0].read_bytes() == made.shards("control_summary")[0].read_bytes()
    measured = StepFolder.open(trace).read_table("trace_control")
    assert found.height == 2 * 6
    for row in found.iter_rows(named=True):
        own = measured.filter(effect=row["effect"])
        pairs = []
        for feature in own["source_feature"].unique().sort():
            edges = dict(own.filter(source_feature=feature).select("control", "n_edges").iter_rows())
            pairs.append((edges["real"], edges[row["control"]]))
        real, control = (np.array(one, dtype=float) for one in zip(*pairs, strict=True))
        assert row["n_features"] == len(pairs)
        assert row["excess"] == pytest.approx((real.sum() - control.sum()) / real.sum())
        assert row["reached"] == pytest.approx(np.mean(control >= real))
        if row["control"] != "zero":
            assert row["rho"] == pytest.approx(spearmanr(real, control).statistic)


def test_the_published_figures_come_out():
    """Means 355.555 and 22.67 over 200 features give .936; W = 5 gives p 2.3e-34 if one feature equals its control.

    The rows themselves are not deposited. As printed, 1 % of the controls reach the count: one a tie, one of rank 5.
    """
    apart = np.arange(1, 201, dtype=float)
    apart[4], apart[-1] = -5.0, 0.0  # of rank 5, and the tie
    control = np.full(200, 22.67)
    statistic, p = signed_ranks(control + apart, control)
    assert statistic == 5
    assert p == pytest.approx(2.3e-34, rel=0.05)
    real = np.full(200, 355.555)
    found = compared(real, control, 99, [0])
    assert found["excess"] == pytest.approx(0.936, abs=5e-4)
    assert found["real_mean"] / found["control_mean"] == pytest.approx(15.68, abs=5e-3)
    spread = compared(control + apart, control, 99, [0])
    assert spread["reached"] == pytest.approx(0.01)


def drawn(rng, n, ratio):
    """Edges of n features and of a control that makes ``ratio`` times as many on average."""
    level = rng.lognormal(3, 0.7, n)
    return rng.poisson(level * rng.gamma(4, 0.25, n)), rng.poisson(ratio * level * rng.gamma(4, 0.25, n))


@pytest.mark.parametrize("n", [8, 16, 64])
def test_a_control_that_does_as_much_is_called_different_no_more_often_than_said(n):
    """400 draws: share of p <= 0.05 where real and control are exchangeable, and where the control does a quarter."""
    rng = np.random.default_rng(n)
    null = [signed_ranks(*(one.astype(float) for one in drawn(rng, n, 1.0)))[1] for _ in range(400)]
    planted = [signed_ranks(*(one.astype(float) for one in drawn(rng, n, 0.25)))[1] for _ in range(200)]
    null_rate = np.mean([p is not None and p <= 0.05 for p in null])
    recall = np.mean([p is not None and p <= 0.05 for p in planted])
    print(f"n {n}: p <= 0.05 in {null_rate:.3f} of null draws, recall {recall:.3f}")
    assert null_rate <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5
    assert recall >= 0.9


@pytest.mark.parametrize("ratio", [1.0, 0.25])
def test_intervals_of_the_excess_hold_the_truth(ratio):
    """200 draws of 32 features: the true excess is 1 - ratio."""
    rng, held = np.random.default_rng(3), []
    for draw in range(200):
        found = compared(*(one.astype(float) for one in drawn(rng, 32, ratio)), 199, [draw])
        held.append((found["low"] is None or found["low"] <= 1 - ratio) and 1 - ratio <= found["high"])
    print(f"excess {1 - ratio}: held by {np.mean(held):.3f} of intervals")
    assert np.mean(held) >= 0.95 - 3 * (0.05 * 0.95 / 200) ** 0.5


def test_what_cannot_be_told_has_no_figure():
    nothing = np.zeros(8)
    found = compared(nothing, nothing, 99, [0])
    assert found["excess"] is found["low"] is found["p"] is found["rho"] is None
    about = {"effect": "total", "source_sae": "a"}
    rows = [
        {**about, "source_feature": feature, "control": control, "n_edges": n}
        for feature, edges in enumerate([(3, 1), (2, 0)])
        for control, n in zip(("real", "random_direction"), edges, strict=True)
    ]
    alone = compared(np.array([3.0, 2.0, 4.0, 6.0]), np.zeros(4), 99, [0])
    assert (alone["excess"], alone["low"], alone["high"]) == (1.0, None, None)
    few = compared(np.array([3.0, 2.0, 40.0]), np.array([1.0, 0.0, 9.0]), 99, [0])
    assert few["low"] is few["high"] is None
    (row,) = summary_rows(pl.DataFrame(rows), 99, [0])
    assert row["p"] is row["q"] is None
    assert row["excess"] == pytest.approx(0.8)
