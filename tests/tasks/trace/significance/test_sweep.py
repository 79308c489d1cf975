"""The threshold sweep against counts over edge_stat."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from tasks.trace.significance.sweep import hubs, rank_correlation
from tests.tasks.trace.conftest import SETTINGS


def degrees(traced, effect, consistency) -> np.ndarray:
    n_pos, n_neg = pl.col("n_pos").cast(pl.Int64), pl.col("n_neg").cast(pl.Int64)
    agreement = pl.max_horizontal(n_pos, n_neg) / (n_pos + n_neg)
    agreed = agreement >= 1 if consistency == 1 else agreement > consistency
    strong = (pl.col("d").cast(pl.Float64).abs() > effect) & (n_pos + n_neg >= SETTINGS.nonzero_min)
    edges = traced.read_table("edge_stat").filter(agreed & strong)["source_feature"].to_numpy()
    living = traced.read_table("trace_pair")["source_feature"].unique().sort().to_numpy()
    return np.array([(edges == feature).sum() for feature in living])


def test_every_row_of_the_sweep_is_a_count_over_edge_stat(traced):
    sweep = traced.read_table("threshold_sweep")
    assert sweep.height == 30
    reference = degrees(traced, 0.5, 0.7)
    for row in sweep.iter_rows(named=True):
        slow = degrees(traced, row["effect_min"], row["consistency_min"])
        assert row["n_edges"] == slow.sum()
        assert row["mean_degree"] == pytest.approx(slow.mean())
        assert row["median_degree"] == np.median(slow)
        if slow.any():
            assert row["fdr"] == pytest.approx(row["expected_null"] / slow.sum())
        if np.ptp(slow):
            assert row["rank_rho"] == pytest.approx(spearmanr(slow, reference).statistic)
    assert sweep["n_edges"].max() > 0


def test_the_reference_agrees_with_itself(traced):
    row = traced.read_table("threshold_sweep").row(
        by_predicate=(pl.col("effect_min") == 0.5) & (pl.col("consistency_min") == 0.7), named=True
    )
    assert row["rank_rho"] == pytest.approx(1)
    assert row["top20_overlap"] == min(20, row["n_features"])


def test_hubs_are_the_twenty_of_highest_degree():
    degree = np.array([1.0] * 30)
    degree[[5, 29]] = [7, 9]
    assert hubs(degree) == {29, 5, *range(5), *range(6, 19)}


def test_constant_degrees_have_no_rank_correlation():
    assert rank_correlation(np.ones(5), np.arange(5.0)) is None
    assert rank_correlation(np.arange(5.0), np.zeros(5)) is None
