"""A planted batch direction: taking its features out removes batches, random features do not, type features hurt."""

import numpy as np
import pytest

from tasks.analyses.integration.evidence import Sizes, measure
from tasks.analyses.shift.conditions import CLEAN, Condition
from tasks.analyses.shift.measure import Bench
from tasks.causal.tiles import TiledEncoder
from tests.builders.planted_batches import BATCH_AXES, TYPE_AXES, batch_world

SIZES = Sizes(5, 15, 30, 45)
OTHERS = (6, 9)  # axes that mean nothing


def condition(features, value=0.0, mode="scale"):
    return Condition("batch", "feature" if features else CLEAN, 0, mode, value, tuple(features))


WAYS = {
    "none": condition(()),
    "partial": condition(BATCH_AXES, 0.6),
    "full": condition(BATCH_AXES),
    "random": condition(OTHERS),
    "type": condition(TYPE_AXES),
}


def embeddings(world, ways):
    ceiling = np.full(world.sae.n_features, 2.0)
    bench = Bench(world.model, TiledEncoder(world.sae), ways, ceiling, 0)
    return np.stack([bench.embeddings(cell) for cell in world.cells])


def measured(seed):
    world = batch_world(180, seed=seed)
    found = embeddings(world, list(WAYS.values())).astype(np.float64)
    return {name: measure(found[:, place], world.sample, SIZES, 0).values for place, name in enumerate(WAYS)}


def batch_probe(points, batch, seed):
    """Accuracy on held-out cells of the line between the means of the others."""
    rng = np.random.default_rng(seed)
    fits = rng.random(len(points)) < 0.5
    first, second = (points[fits & (batch == one)].mean(axis=0) for one in (0, 1))
    side = (points - (first + second) / 2) @ (second - first) > 0
    return float(np.mean(side[~fits] == (batch[~fits] == 1)))


def test_taking_the_batch_out_leaves_what_the_table_says():
    """Closed form: the embedding without the batch axes, everything else as it was."""
    world = batch_world(30)
    found = embeddings(world, [WAYS["none"], WAYS["full"], condition(BATCH_AXES, 1.5, "clamp")])
    for cell, (clean, full, clamped) in zip(world.cells, found, strict=True):
        before = world.embedding(cell)
        np.testing.assert_array_equal(clean, before.astype(np.float32))
        without = before.copy()
        without[list(BATCH_AXES)] = 0
        np.testing.assert_allclose(full, without, atol=1e-6)
        active = (world.model.embed(cell)[0][:, list(BATCH_AXES)] > 0).double().mean(0).numpy()
        without[list(BATCH_AXES)] = 1.5 * 2.0 * active
        np.testing.assert_allclose(clamped, without, atol=1e-6)


def test_a_batch_probe_fails_once_the_batch_is_out():
    world = batch_world(240)
    batch = (world.batch == "b").astype(int)
    found = embeddings(world, list(WAYS.values()))
    probe = {name: batch_probe(found[:, place], batch, 0) for place, name in enumerate(WAYS)}
    assert min(probe["none"], probe["random"], probe["type"]) > 0.95
    assert probe["full"] < 0.65


def ordered(found):
    """What must hold of one world, by name."""
    mixing = [found[way]["batch_correction"] for way in ("none", "partial", "full")]
    ilisi = [found[way]["ilisi"] for way in ("none", "partial", "full")]
    return {
        "batches mix more, the more is taken out": mixing == sorted(mixing),
        "iLISI rises, the more is taken out": ilisi == sorted(ilisi),
        "batch features help": found["full"]["total"] > found["none"]["total"] + 0.05,
        "random ones do less": abs(found["random"]["batch_correction"] - mixing[0]) < (mixing[2] - mixing[0]) / 3,
        "type features hurt": found["type"]["biology"] < found["none"]["biology"] - 0.1,
    }


def test_metrics_order_none_partial_and_full_removal():
    assert all(ordered(measured(0)).values()), measured(0)


@pytest.mark.slow
def test_metrics_order_worlds():
    found = [ordered(measured(seed)) for seed in range(20)]
    shares = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    print(shares)
    assert min(shares.values()) >= 0.95
