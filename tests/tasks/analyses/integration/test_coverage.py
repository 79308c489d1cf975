"""Do intervals hold what they are about, and do changes that mean nothing look like nothing?

Points are drawn anew from one population. The truth of a metric is its mean over many such samples of as many cells.
Small here; over more samples in the slow test, whose rates stand in the README of the tests.
"""

import numpy as np
import pytest

from tasks.analyses.integration.evidence import Sizes
from tasks.analyses.integration.names import METRICS
from tasks.analyses.integration.parts import parts, without_batches
from tasks.analyses.integration.tables import Benchmarked, Plan, metric_rows
from tests.builders.planted_batches import batch_points

SIZES = Sizes(5, 15, 30, 45)
NARROW = ("graph_connectivity",)
POPULATION = {"n_batches": 2, "strength": 1.5, "types": 3.0}


def benchmarked(seed, n_cells, n_draws, jitter=0.0, **population):
    """A sample of the population, its points moved by noise of its own."""
    points, sample = batch_points(n_cells, seed=seed, **{**POPULATION, **population})
    points = points + jitter * np.random.default_rng([seed, int(1e6 * jitter)]).normal(size=points.shape)
    plan = Plan(sample, SIZES, parts(sample.batch, n_draws, [seed]), without_batches(sample.batch), 0)
    return Benchmarked.of(points, plan, intervals=True)


def coverage(n_worlds, n_cells, n_draws):
    """By metric, the share of intervals that hold the mean over all worlds."""
    found = [list(metric_rows(benchmarked(seed, n_cells, n_draws), None, 0.95)) for seed in range(n_worlds)]
    truth = {name: np.mean([world[place]["value"] for world in found]) for place, name in enumerate(METRICS)}
    return {
        name: float(np.mean([world[place]["low"] <= truth[name] <= world[place]["high"] for world in found]))
        for place, name in enumerate(METRICS)
    }


def false_changes(n_worlds, n_cells, n_draws):
    """By metric, the share of changes whose interval leaves 0 out, of two embeddings that differ by noise alike."""
    calls = {name: [] for name in METRICS}
    for seed in range(n_worlds):
        one, other = (benchmarked(seed, n_cells, n_draws, jitter) for jitter in (0.5, 0.500001))
        for row in metric_rows(one, other, 0.95):
            calls[row["metric"]].append(not row["change_low"] <= 0 <= row["change_high"])
    return {name: float(np.mean(own)) for name, own in calls.items()}


def real_changes(n_worlds, n_cells, n_draws):
    """By metric, the share of changes called a rise where batches come half as far apart."""
    calls = {name: [] for name in METRICS}
    for seed in range(n_worlds):
        one, other = (benchmarked(seed, n_cells, n_draws, strength=strength) for strength in (0.75, 1.5))
        for row in metric_rows(one, other, 0.95):
            calls[row["metric"]].append(row["change_low"] > 0)
    return {name: float(np.mean(own)) for name, own in calls.items()}


def nominal(rate, n):
    """Three standard errors above a rate that n draws estimate."""
    return rate + 3 * (rate * (1 - rate) / n) ** 0.5


def test_intervals_hold_the_totals():
    found = coverage(20, 120, 20)
    assert 1 - min(found[name] for name in ("total", "batch_correction", "biology")) <= nominal(0.05, 20)


@pytest.mark.slow
def test_a_planted_change_is_found_and_noise_is_not():
    rises = real_changes(6, 120, 20)
    assert min(rises["batch_correction"], rises["ilisi"], rises["bras"]) >= 0.8
    noise = false_changes(11, 120, 20)
    assert max(noise[name] for name in ("total", "batch_correction")) <= nominal(0.05, 11)


@pytest.mark.slow
def test_rates_over_many_samples():
    """A share near 1, which most parts do not leave, is what they tell least well."""
    held, noise, rises = coverage(40, 160, 20), false_changes(25, 160, 20), real_changes(5, 160, 20)
    for name, found in (("coverage", held), ("false changes", noise), ("recall", rises)):
        print(name, {metric: round(value, 3) for metric, value in found.items()})
    assert min(value for metric, value in held.items() if metric not in NARROW) >= 0.8
    assert min(held[name] for name in ("total", "batch_correction", "biology")) >= 0.88
    assert max(value for name, value in noise.items() if name not in NARROW) <= nominal(0.1, 25)
    assert max(noise["total"], noise["biology"]) <= nominal(0.05, 25)
    assert min(rises[name] for name in ("total", "batch_correction", "ilisi", "bras", "kbet", "pcr")) >= 0.95
