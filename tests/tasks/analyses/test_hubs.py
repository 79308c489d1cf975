"""Hubs: loops give the same numbers; degree that follows frequency alone is found out; published figures come out."""

import json
from collections import defaultdict

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from tasks.analyses.hubs.enrichment import (
    block_means,
    blocks_of,
    fisher,
    largest,
    matched,
    neighbours,
    permuted_shares,
)
from tasks.analyses.hubs.step import HubsSettings
from tasks.analyses.hubs.work import tables_of
from tests.shared import shared_path

FAST = HubsSettings(n_draws=199)
GIVEN = ("matched", "residual", "logistic_given", "spearman_given")


def plant(seed, effect=0.0, n=1000):
    """Frequent features are annotated and have edges more often; ``effect`` adds what degree alone says."""
    rng = np.random.default_rng(seed)
    log_frequency, own = rng.normal(-5, 1.3, n), rng.normal(size=n)
    frequency = np.exp(np.minimum(log_frequency, -0.1))
    degree = np.rint(3600 * frequency**0.6 * np.exp(0.4 * own)).astype(np.int64)
    annotated = rng.random(n) < expit(0.9 * (log_frequency + 5) + effect * own - 0.2)
    columns = {"feature": np.arange(n), "degree": degree, "frequency": frequency, "annotated": annotated}
    return pl.DataFrame(columns)


def rates(seeds, effect=0.0):
    """By test and k, share of p <= 0.05."""
    called = defaultdict(list)
    for seed in seeds:
        for row in tables_of(FAST, plant(seed, effect), [seed])["enrichment_test"]:
            called[row["test"], row["k"]].append(row["p"] <= 0.05)
    return {key: float(np.mean(found)) for key, found in called.items()}


def test_frequency_alone_makes_no_hub_but_fools_the_unmatched_tests():
    found = rates(range(40))
    assert min(found[test, k] for test, k in (("fisher", 100), ("logistic", 0), ("spearman", 0))) >= 0.95
    for (test, k), rate in found.items():
        if test in GIVEN:
            assert rate <= 0.05 + 3 * (0.05 * 0.95 / 40) ** 0.5, (test, k)


def test_what_degree_says_beyond_frequency_is_found():
    found = rates(range(100, 115), effect=0.8)
    assert found["matched", 100] >= 0.7
    assert min(found[test, 0] for test in ("logistic_given", "spearman_given")) >= 0.95
    assert found["residual", 100] >= 0.95


@pytest.mark.slow
def test_rates_hold_over_many_layers():
    found = rates(range(400))
    for (test, k), rate in found.items():
        if test in GIVEN:
            assert rate <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5, (test, k)
    assert found["neighbours", 100] > 0.15  # the published match: hubs fire more often than what stands for them


@pytest.fixture(scope="module")
def published():
    features = json.loads(shared_path("published/geneformer_atlas/layer_05_features.json").read_text())
    degrees = json.loads(shared_path("published/exhaustive_map/edges_raw.json").read_text())
    rows = [row for row in features if row["f"] >= 0.001]
    degree = np.array([degrees.get(str(row["i"]), 0) for row in rows], dtype=float)
    return np.array([row["na"] > 0 for row in rows]), np.array([row["f"] for row in rows]), degree


@pytest.mark.parametrize(
    ("k", "odds", "p"), [(20, 1.2922, 0.657), (100, 0.8227, 0.361), (41, 0.6707, 0.212)], ids=["20", "100", "41"]
)
def test_the_published_hubs(published, k, odds, p):
    annotated, _, degree = published
    assert (annotated.size, round(annotated.mean(), 4)) == (4065, 0.5375)
    found = fisher(annotated, largest(degree, k))
    assert found.odds_ratio == pytest.approx(odds, abs=5e-5)
    assert found.p == pytest.approx(p, abs=5e-4)


def test_the_published_match(published):
    annotated, frequency, degree = published
    found = neighbours(annotated, largest(degree, 20), frequency, 2000, [0])
    assert found.observed == 0.6
    assert found.expected == pytest.approx(0.139, abs=0.005)
    assert found.sd == pytest.approx(0.075, abs=0.005)
    assert found.p == 0
    ours = matched(annotated, largest(degree, 20), blocks_of(frequency, 10), 2000, [0])
    assert ours.p == pytest.approx(1 / 2001)
    assert found.expected < ours.expected < found.observed


def test_blocks_hold_neighbours_in_frequency():
    frequency = np.random.default_rng(0).permutation(43) / 43
    blocks = blocks_of(frequency, 10)
    assert np.bincount(blocks).tolist() == [10, 10, 10, 13]
    assert all(frequency[blocks == one].max() < frequency[blocks == one + 1].min() for one in range(3))
    assert blocks_of(frequency[:5], 10).tolist() == [0] * 5


def test_drawing_numbers_is_permuting_annotation():
    rng = np.random.default_rng(1)
    annotated, top = rng.random(60) < 0.4, np.sort(rng.choice(60, 15, replace=False))
    blocks = blocks_of(rng.random(60), 12)
    slow = []
    for _ in range(4000):
        drawn = annotated.copy()
        for one in range(5):
            drawn[blocks == one] = rng.permutation(drawn[blocks == one])
        slow.append(drawn[top].mean())
    fast = permuted_shares(annotated, top, blocks, 4000, [0])
    assert fast.mean() == pytest.approx(np.mean(slow), abs=4 * np.std(slow) / 2000**0.5)
    assert fast.std() == pytest.approx(np.std(slow), rel=0.06)
    means = block_means(annotated, blocks)
    assert means.tolist() == pytest.approx([annotated[blocks == one].mean() for one in blocks])
    assert fast.mean() == pytest.approx(means[top].mean(), abs=4 * fast.std() / 4000**0.5)


def test_a_block_of_hubs_alone_moves_nothing():
    annotated = np.arange(40) % 2 == 0
    found = matched(annotated, np.arange(10), np.arange(40) // 10, 99, [0])
    assert (found.p, found.sd) == (1.0, 0.0)


def test_tables_are_empty_where_features_are_few_and_keep_their_sense():
    assert tables_of(FAST, plant(0, n=10), [0])["enrichment_test"] == []
    tables = tables_of(FAST, plant(0), [0])
    listed = pl.DataFrame(tables["residual_hub"])
    assert listed["residual"].is_sorted(descending=True)
    assert sum(row["n_features"] for row in tables["enrichment_decile"]) == 1000
    tests = pl.DataFrame(tables["enrichment_test"], infer_schema_length=None)
    assert tests.filter(pl.col("q").is_null())["test"].unique().to_list() == ["neighbours"]
    none = tables_of(FAST, plant(0).with_columns(annotated=pl.lit(False)), [0])["enrichment_test"]
    assert {row["test"] for row in none} == {"fisher", "matched", "neighbours", "residual"}
    assert all(row["p"] == 1 for row in none if row["test"] != "neighbours")
