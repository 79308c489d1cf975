"""The published rule on simulated cells: the rates that were worked out for it, and the grid of thresholds under it."""

import json

import numpy as np
import pytest
import torch

from tasks.statistics.moments import moments
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.null import CONSISTENCY_GRID, EFFECT_GRID, grid_counts
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import flip_rules
from tasks.trace.significance.sweep import GRID, threshold_row
from tests.shared import shared_path

PUBLISHED, CALIBRATED = flip_rules(TraceSettings())
FALSE = {2: 0.50, 3: 0.25, 5: 0.25, 8: 0.15, 10: 0.07, 20: 0.018, 30: 0.005, 50: 0.0005, 100: 0.0}
RESPONDING = (0.20, 0.25, 0.28, 0.30, 0.35, 0.50, 0.68, 0.72, 0.80)
POSITIVE = (0.25, 0.79, 0.68, 0.46, 0.06, 0.00, 0.25, 0.71, 1.00)
NEGATIVE = (0.25, 0.84, 0.97, 0.99, 1.00, 1.00, 1.00, 1.00, 1.00)


def passing(effects: np.ndarray, rule) -> np.ndarray:
    """Which targets [T] of effects [n, T] pass a rule, q apart."""
    stat = as_stored(moments(torch.from_numpy(effects)))
    found: np.ndarray = rule.passes(stat.g if rule.symmetric else stat.d, stat.n_pos, stat.n_neg, stat.n)[0].numpy()
    return found


@pytest.mark.parametrize("n", FALSE)
def test_where_nothing_happens_few_cells_suffice_for_the_published_rule(n):
    found = passing(np.random.default_rng(n).standard_normal((n, 20_000)), PUBLISHED).mean()
    assert found == pytest.approx(FALSE[n], abs=0.01)


@pytest.mark.parametrize("share", RESPONDING)
def test_of_mirror_images_the_published_rule_prefers_the_negative(share):
    rng = np.random.default_rng(round(100 * share))
    effects = rng.normal(1, 0.3, (200, 4000)) * (rng.random((200, 4000)) < share)
    place = RESPONDING.index(share)
    assert passing(effects, PUBLISHED).mean() == pytest.approx(POSITIVE[place], abs=0.04)
    assert passing(-effects, PUBLISHED).mean() == pytest.approx(NEGATIVE[place], abs=0.04)
    assert np.array_equal(passing(effects, CALIBRATED), passing(-effects, CALIBRATED))


def test_the_grid_under_the_published_rule_is_a_count():
    rng = np.random.default_rng(0)
    effects = rng.normal(0.4, 1, (20, 600)) * (rng.random((20, 600)) < rng.random(600))
    stat = as_stored(moments(torch.from_numpy(effects)))
    agreement = np.maximum((effects > 0).sum(0), 20 - (effects > 0).sum(0)) / 20
    d = np.abs(stat.d[0].numpy().astype(np.float64))
    slow = [
        [int(((d > size) & (agreement >= 1 if least == 1 else agreement > least)).sum()) for least in CONSISTENCY_GRID]
        for size in EFFECT_GRID
    ]
    assert grid_counts(stat, 0, symmetric=False).tolist() == slow
    assert slow[1][1] == passing(effects, PUBLISHED).sum()


def test_mirror_images_differ_in_the_published_grid_alone():
    rng = np.random.default_rng(1)
    effects = torch.from_numpy(rng.normal(1, 0.3, (40, 200)) * (rng.random((40, 200)) < 0.45))
    stat, image = as_stored(moments(effects)), as_stored(moments(-effects))
    assert torch.equal(grid_counts(stat, 8), grid_counts(image, 8))
    assert grid_counts(image, 0, symmetric=False)[1, 1] > 5 * grid_counts(stat, 0, symmetric=False)[1, 1]


@pytest.fixture(scope="module")
def published():
    folder = shared_path("published/exhaustive_map")
    rows, features = (json.loads((folder / name).read_text()) for name in ("threshold_sweep.json", "per_feature.json"))
    return rows, list(features.values())


def test_all_rows_of_the_published_sweep_are_what_the_table_says_of_them(published):
    rows, _ = published
    assert [(row["d_threshold"], row["consistency_threshold"]) for row in rows] == GRID
    counts = {}
    for row in rows:
        edges, expected = row["total_edges"], row["expected_null_edges_per_feature"] * row["n_features"]
        found = threshold_row(np.full(600, edges / 600), expected, np.arange(600.0))
        assert found["mean_degree"] == pytest.approx(row["mean_edges"], abs=0.005)
        assert expected / edges == pytest.approx(row["implied_fdr"], rel=1e-9)
        counts[row["d_threshold"], row["consistency_threshold"]] = edges
    for (size, least), edges in counts.items():
        assert all(edges <= n for (other, looser), n in counts.items() if other <= size and looser <= least)


def test_the_published_thresholds_come_out_of_the_published_features(published):
    rows, features = published
    (row,) = [row for row in rows if (row["d_threshold"], row["consistency_threshold"]) == (0.5, 0.7)]
    degree = np.array([feature["observed_edges"] for feature in features], dtype=float)
    expected = sum(feature["expected_null_edges"] for feature in features)
    found = threshold_row(degree, expected, degree)
    assert (found["n_features"], found["n_edges"], found["median_degree"]) == (600, 327_609, 409)
    assert found["mean_degree"] == pytest.approx(row["mean_edges"])
    assert found["fdr"] == pytest.approx(0.03637, abs=5e-6)
    assert found["rank_rho"] == pytest.approx(row["hub_rank_spearman_vs_default"])
    assert found["top20_overlap"] == row["top20_overlap_with_default"] == 20
