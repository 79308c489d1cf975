"""Specific edges: the statistic against loops, and the rule on targets whose answers are known."""

import numpy as np
import polars as pl
import pytest
import torch
from scipy.stats import norm, t

from tasks.statistics import benjamini_hochberg
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.edges import Controlled, families, q_values
from tasks.trace.significance.rules import rules
from tasks.trace.significance.specific import DecoyNull, beyond, least_spread, normal_score, null_share
from tests.builders.planted_specificity import World, judged, rare

MANY = (("own", 4), ("own some", 4), ("size", 4), ("direction", 6), ("direction some", 6), ("null", 12))
FEW = (("own", 2), ("own some", 1), ("size", 8), ("direction", 12), ("direction some", 8), ("null", 12))
MORE = rare(0.01, n_cells=48, m=24)  # trace.n_cells and trace.control_cells
NONE = (("size", 8), ("direction", 12), ("direction some", 8), ("null", 12))


def slow_excess(own, beside, least):
    """One target: own and companion effects cell by cell."""
    cells = [(e, u) for e, u in zip(own, beside, strict=True) if e != 0]
    if len(cells) < 2:
        return len(cells), 0.0
    effect, companions = np.mean([e for e, _ in cells]), [u for _, u in cells]
    ahead = max(np.sign(effect) * (effect - np.mean(companions)), 0)
    score = ahead / np.sqrt(np.var(companions, ddof=1) * (1 + 1 / len(cells)) + least**2)
    v = len(cells) - 1
    return len(cells), (8 * v + 1) / (8 * v + 3) * np.sqrt(v * np.log(1 + score**2 / v))


def test_excess_equals_a_loop_over_targets_and_cells():
    rng = np.random.default_rng(0)
    own = rng.normal(size=(9, 60)) * (rng.random((9, 60)) < np.linspace(0, 1, 60))
    beside = rng.normal(0.3, 0.5, (9, 60)) * (rng.random((9, 60)) < 0.7)
    least = torch.from_numpy(rng.random(60))
    found = beyond(torch.from_numpy(own), torch.from_numpy(beside), least)
    slow = [slow_excess(own[:, j], beside[:, j], float(least[j])) for j in range(60)]
    assert found.n.tolist() == [n for n, _ in slow]
    np.testing.assert_allclose(found.excess.numpy(), [excess for _, excess in slow], rtol=1e-9, atol=1e-12)
    mirrored = beyond(torch.from_numpy(-own), torch.from_numpy(-beside), least)
    assert torch.equal(mirrored.excess, found.excess)


@pytest.mark.parametrize("freedom", [3, 7, 15])
def test_the_score_is_as_rare_as_t(freedom):
    value = np.linspace(0, 12, 40)
    exact = norm.isf(t.sf(value, freedom))
    found = normal_score(torch.from_numpy(value), torch.tensor(float(freedom)))
    np.testing.assert_allclose(found.numpy(), exact, atol=0.12)


def test_a_tenth_of_the_moved_targets_stay_below_the_least_spread():
    beside = torch.zeros(8, 30, dtype=torch.float64)
    beside[0, :20] = torch.arange(20.0, 0.0, -1.0)
    assert least_spread(beside) == pytest.approx(3 / 8**0.5)  # the third smallest of twenty
    assert least_spread(torch.zeros(8, 30)) == 0.0


@pytest.fixture
def tests(tmp_path):
    """Three files of tests of two layers; the sources of the last have no companions."""
    rng, paths = np.random.default_rng(1), []
    for number in range(3):
        columns = {
            "target_layer": rng.choice([4, 5], 300).astype(np.uint16), "n_cells": np.full(300, 20, np.uint16),
            "n_pos": rng.choice([18, 5], 300).astype(np.uint16), "n_neg": np.full(300, 2, np.uint16),
            "g": rng.normal(0, 1, 300).astype(np.float32),
            "p": (1 + rng.integers(0, 20_000, 300) * rng.integers(0, 2, 300)) / 20_001,
        }  # fmt: skip
        excess = pl.Series(rng.exponential(2, 300).astype(np.float32))
        frame = pl.DataFrame(columns).with_columns(excess=excess if number < 2 else pl.lit(None, pl.Float32))
        paths.append(tmp_path / f"{number}.parquet")
        frame.write_parquet(paths[-1])
    return paths


def test_q_specific_equals_the_family_in_one_piece(tests):
    rng = np.random.default_rng(2)
    nulls = {layer: DecoyNull(np.sort(rng.exponential(1, 400).astype(np.float32)), 9000.0) for layer in (4, 5)}
    rule = rules(TraceSettings())[1]
    beside = Controlled(nulls, families(tests, rule), rule)
    every = pl.concat(pl.read_parquet(path) for path in tests)
    slow = np.ones(every.height)
    for layer in (4, 5):
        rows = [(i, row) for i, row in enumerate(every.iter_rows(named=True)) if row["target_layer"] == layer]
        rows = [(i, row) for i, row in rows if row["n_pos"] + row["n_neg"] >= 8]
        share = min(1.0, (1 + sum(row["p"] > 0.5 for _, row in rows)) / (len(rows) / 2))
        assert 0.3 < share < 0.7
        p = []
        for _, row in rows:
            reached = [x for x in nulls[layer].excess if row["excess"] is not None and x >= row["excess"]]
            passes = abs(row["g"]) > 0.5 and row["excess"] is not None
            p.append(min(1, 2 * max(share * row["p"], (1 + len(reached)) / 9001)) if passes else 1.0)
        slow[[i for i, _ in rows]] = benjamini_hochberg(np.array(p))
    plain = list(q_values(tests))
    slow = np.maximum(slow, np.concatenate(plain))
    parts = [
        beside.columns(pl.read_parquet(path), q, corrected)
        for path, q, corrected in zip(tests, plain, q_values(tests, beside.read), strict=True)
    ]
    for _, q in parts[:2]:
        assert q.null_count() == 0
    np.testing.assert_allclose(np.concatenate([q.to_numpy() for _, q in parts[:2]]), slow[:600], rtol=1e-12)
    assert all(column.null_count() == 300 for column in parts[2])
    assert 10 < (slow[:600] <= 0.05).sum() < 300


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_the_share_of_nulls_is_not_underestimated(share):
    rng = np.random.default_rng(4)
    found = []
    for _ in range(200):
        p = np.where(rng.random(1000) < share, rng.random(1000), rng.random(1000) * 0.001)
        found.append(null_share(int((p > 0.5).sum()), 1000))
    assert share - 0.02 <= np.mean(found) <= share + 0.02  # it is at most 1
    assert null_share(0, 0) == null_share(3, 4) == 1.0


def rates(counts, draws, **world):
    """Realised share of false calls by rule, the mean over draws, and the shares of own targets found."""
    false, recall, some = {"published": [], "calibrated": [], "specific": []}, [], []
    for seed in range(draws):
        found = judged(counts if isinstance(counts, World) else World(counts, **world), seed)
        for rule, shares in false.items():
            calls = found["calls"][rule]
            shares.append((calls & ~found["truth"]).sum() / max(calls.sum(), 1))
        recall.append(found["calls"]["specific"][found["truth"]].mean() if found["truth"].any() else 1.0)
        some.append(found["calls"]["specific"][found["truth"] & found["some"]].mean() if found["truth"].any() else 1.0)
    return {rule: np.array(share) for rule, share in false.items()}, np.mean(recall), np.mean(some)


def holds(false, recall, least=0.95):
    """FDR at most 5 % but for sampling error, recall at least ``least``, and the other rules fail."""
    error = false["specific"].std(ddof=1) / len(false["specific"]) ** 0.5
    assert false["specific"].mean() <= 0.05 + 2 * error
    assert recall >= least
    assert false["calibrated"].mean() > 0.4
    assert false["published"].mean() > 0.4


def test_specific_edges_are_the_features_own():
    false, recall, some = rates(MANY, 12)
    holds(false, recall)
    assert some >= 0.9


def test_rare_ones_are_found_as_well():
    """One pair in fourteen, a third of them in some cells only."""
    holds(*rates(rare(0.07, 150), 10)[:2], 0.97)


def test_what_is_gained_is_what_was_paid_for_pairs_where_something_always_happens():
    found = [judged(rare(0.03, 150), seed) for seed in range(8)]
    recall = {
        rule: np.mean([each["calls"][rule][each["truth"]].mean() for each in found]) for rule in ("doubled", "specific")
    }
    assert recall["specific"] > recall["doubled"] + 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("counts", "least"), [(FEW, 0.95), (rare(0.03), 0.95), (rare(0.01), 0.82), (MORE, 0.95)])
def test_specific_edges_are_the_features_own_over_many_draws(counts, least):
    """Where one pair in a hundred is true, it takes more cells and companions than the default asks for."""
    holds(*rates(counts, 60)[:2], least)


def test_where_everything_answers_anything_no_edge_is_specific():
    false, _, _ = rates(NONE, 20)
    assert false["specific"].mean() <= 0.1  # draws with any call, all of them false
    assert (false["calibrated"] == 1).all()
