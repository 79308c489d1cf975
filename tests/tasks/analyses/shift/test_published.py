"""The published choices by name: ranking by mutual information, features by lot, codes of 16 cells together."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from scipy.stats import entropy, hypergeom

from tasks.analyses.shift.conditions import Condition
from tasks.analyses.shift.measure import Bench
from tasks.analyses.shift.published_choice import ami_scores
from tasks.analyses.shift.step import STEP, ShiftSettings
from tasks.analyses.shift.together import BATCH, bar_of, bars
from tasks.causal.tiles import TiledEncoder
from tasks.cells.settings import CellsSettings
from tasks.sae.settings import SaeSettings
from tasks.section import Sections
from tasks.store import RequestError
from tests.builders.contract import assert_contract
from tests.builders.planted_batches import BATCH_AXES, batch_world
from tests.builders.planted_trajectory import SAE, plant_trajectory
from tests.builders.saes import random_topk
from tests.tasks.analyses.shift.conftest import LAYER, SETTINGS, describe_folder, shift

PUBLISHED = ShiftSettings(
    **{
        **SETTINGS.model_dump(),
        "selectors": ("published_ami", "published_random"),
        "scale": (),
        "clamp": (),
        "clamp_all": (),
        "published_together": (-2.0,),
    }
)


def slow_ami(label, call):
    """Both boolean [n]: mutual information less its mean over all tables of these margins, by the mean entropy."""
    n, marked, called = len(label), int(label.sum()), int(call.sum())

    def information(both):
        table = np.array([[both, marked - both], [called - both, n - marked - called + both]]) / n
        chance = np.outer(table.sum(1), table.sum(0))
        return float((table[table > 0] * np.log(table[table > 0] / chance[table > 0])).sum())

    possible = range(max(0, marked + called - n), min(marked, called) + 1)
    expected = sum(hypergeom.pmf(both, n, marked, called) * information(both) for both in possible)
    most = (entropy([marked / n, 1 - marked / n]) + entropy([called / n, 1 - called / n])) / 2
    return (information(int((label & call).sum())) - expected) / (most - expected) if called not in (0, n) else 0.0


def test_ami_scores_are_the_best_of_all_tables():
    """Slow twin, feature by feature; one is dead, one active in every cell."""
    rng = np.random.default_rng(0)
    batch = rng.choice(["a", "b", "c"], 60)
    maximum = rng.gamma(1.0, size=(60, 9)) * (rng.random((60, 9)) < 0.6)
    maximum[:, 0], maximum[:, 1], maximum[:, 2] = 0.0, 1.0, np.where(batch == "b", 2.0, 0.0)
    found = ami_scores(maximum, batch)
    for feature, own in enumerate(maximum.T):
        slow = max(
            slow_ami(batch == name, own > share * own.max()) for name in "abc" for share in (0, 0.2, 0.4, 0.6, 0.8)
        )
        assert found[feature] == pytest.approx(slow, abs=1e-9)
    assert found[0] == found[1] == 0
    assert found[2] == pytest.approx(1.0)
    with pytest.raises(RequestError, match="all embedded cells are of a"):
        ami_scores(maximum, np.full(60, "a"))


def test_the_bar_leaves_k_a_gene_over_all_cells():
    """Slow twin: sort everything."""
    rng = np.random.default_rng(1)
    parts = [torch.from_numpy(rng.normal(size=(n, 30))) for n in (5, 12, 1, 9)]
    every = np.sort(torch.cat([part.flatten() for part in parts]).numpy())[::-1]
    for kept in (1, 27, 200, 10_000):
        bar = bar_of(kept, parts)
        assert bar == pytest.approx(max(every[kept], 0.0) if kept < len(every) else 0.0)
        assert (every > bar).sum() == min(kept, (every > 0).sum())


def slow_embedding(world, sae, k, cells, place, features, value):
    """All genes of the cells' batch in one table, the k a gene largest, decoded; the mean over genes of one cell."""
    own = cells[place // BATCH * BATCH : (place // BATCH + 1) * BATCH]
    states = [world.model.embed(cell)[0].double() for cell in own]
    p = (torch.cat(states) - sae.b_dec.double()) @ sae.W_enc.double() + sae.b_enc.double()
    order = p.flatten().argsort(descending=True)[: k * len(p)]
    codes = torch.zeros_like(p).flatten()
    codes[order] = p.flatten()[order].clamp_min(0)
    codes = codes.view_as(p)
    for feature in features:
        codes[codes[:, feature] > 0, feature] = value
    after = codes @ sae.W_dec.double() + sae.b_dec.double()
    first = sum(len(one) for one in states[: place % BATCH])
    return after[first : first + len(states[place % BATCH])].mean(0).numpy()


def test_embeddings_are_those_of_codes_sorted_over_the_batch():
    world, k = batch_world(20), 2
    sae = random_topk(12, 24, k, layer=0, seed=1)
    sae = replace(sae, k=None, threshold=torch.full((24,), 0.5), variant="batchtopk")
    encoder, cells = TiledEncoder(sae), dict(enumerate(world.cells))
    ways = [
        Condition("batch", arm, draw, "published_together", -2.0, tuple(features))
        for arm, draw, features in (("reconstruction", 0, ()), ("feature", 0, BATCH_AXES), ("direction", 1, BATCH_AXES))
    ]
    found = bars(world.model, encoder, k, cells)
    assert len(set(found.values())) == 2
    bench = Bench(world.model, encoder, ways, np.full(24, 2.0), 0, found)
    for place in (0, 7, 17):
        plain, changed, other = bench.embeddings(world.cells[place], place)
        for mine, features in ((plain, ()), (changed, BATCH_AXES)):
            slow = slow_embedding(world, sae, k, world.cells, place, features, -2.0)
            np.testing.assert_allclose(mine, slow, atol=1e-5)
        assert np.abs(other - changed).max() > 1e-3
    beside_others = Bench(world.model, encoder, ways, np.full(24, 2.0), 0, {0: found[0] + 1.0})
    assert np.abs(beside_others.embeddings(world.cells[0], 0)[0] - bench.embeddings(world.cells[0], 0)[0]).max() > 1e-3


def test_the_step_writes_published_choices_and_says_what_they_are(tmp_path):
    sae = SAE.model_copy(update={"variant": "batchtopk"})
    planted = plant_trajectory(tmp_path, layers=(LAYER,), sae=sae)
    reads = {**planted.reads, "describe": {LAYER: describe_folder(tmp_path / "describe-1")}}
    found = shift(reads, tmp_path / "shift-1", PUBLISHED)
    settings, features = found.read_table("shift_setting"), found.read_table("shift_feature")
    for table in STEP.tables:
        assert_contract(found.read_table(table), table)
    empty = settings.filter(n_features=0)
    assert empty["setting"].to_list() == ["clean", "reconstruction", "reconstruction_together"]
    by_lot = features.filter(selector="published_random", arm="feature")
    assert by_lot["score"].null_count() == by_lot.height == 3
    ranked = features.filter(selector="published_ami", arm="feature").sort("rank")
    assert ranked["score"].is_sorted(descending=True)
    moved = found.read_table("embedding_shift").filter(grouping="all")
    distance = dict(moved.select("setting", "distance").iter_rows())
    assert distance["reconstruction_together"] not in (0.0, distance["reconstruction"])
    own = settings.filter(pl.col("mode") == "published_together", arm="feature")
    assert all(distance[name] != distance["reconstruction_together"] for name in own["setting"])


def test_what_cannot_be_done_is_refused(reads, tmp_path, monkeypatch):
    sections = Sections({"shift": PUBLISHED, "cells": CellsSettings(obs=("batch",)), "sae": SaeSettings()})
    message = "shift.published_together: codes of topk depend on no other cell"
    with pytest.raises(RequestError, match=message):
        STEP.outside(sections, LAYER)
    with pytest.raises(RequestError, match=message):
        shift(reads, tmp_path / "shift-1", PUBLISHED)
    none = {feature: np.zeros(0) for feature in range(64)}
    monkeypatch.setattr("tasks.analyses.shift.inputs.activations", lambda _codes, _changed: none)
    everywhere = SETTINGS.model_copy(update={"selectors": ("published_random",)})
    with pytest.raises(RequestError, match=r"shift.clamp_all: feature \d+ is never active"):
        shift(reads, tmp_path / "shift-2", everywhere)
