"""Draws of cells that share nothing, and what they say of effects that repeat, or do so in one cell type alone."""

import numpy as np
import pytest
import torch

from tasks.analyses.effect_sizes.agreement import _sums
from tasks.analyses.effect_sizes.archive import Block
from tasks.analyses.effect_sizes.halves import Targets
from tasks.analyses.stability.replicates import Replicates, draws_by_label, draws_by_size, sums_by_source
from tasks.causal.effects import BlockEffects, Pairs
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import flip_rules

SIZES = {1: 40, 2: 30}
RULES = flip_rules(TraceSettings(source_layers=[0], nonzero_min=8))
N_CELLS, N_SOURCES = 32, 10


class Archive:
    units = None


def block(rng, means):
    """Effects of every source in every cell: ``means`` [S, C, T] and noise; a fifth of all are zero."""
    values = means + rng.normal(size=means.shape)
    values *= rng.random(values.shape) < 0.8
    feature = torch.arange(N_SOURCES).repeat_interleave(N_CELLS)
    cell = torch.arange(N_CELLS).repeat(N_SOURCES)
    flat = torch.from_numpy(values.reshape(-1, values.shape[2]).astype(np.float32))
    parts = dict(zip(SIZES, torch.split(flat, list(SIZES.values()), dim=1), strict=True))
    return Block(None, BlockEffects(Pairs(feature, cell, torch.full_like(feature, -1)), parts), None)


def rows_of(draws, effects):
    found = Replicates(draws, RULES, Targets(SIZES), draws.n / N_CELLS)
    found.take(effects, Archive())
    return {(row["criterion"], row["target_layer"]): row for row in found.rows()}


OF_CELL = {cell: f"{cell:03d}" for cell in range(N_CELLS)}
LABEL = {cell: ("A", "B", None, "C")[cell % 4] if cell < 30 else "C" for cell in range(N_CELLS)}


def test_draws_share_no_cell_and_are_as_large_as_they_say():
    found = list(draws_by_size(OF_CELL, 4, 3, [0]))
    assert [draws.n for draws in found] == [16, 8, 8, 4, 4, 4]
    for size in (16, 8, 4):
        drawn = [cell for draws in found if draws.n == size for side in draws.cells for cell in side.tolist()]
        assert len(drawn) == len(set(drawn))
        assert len(drawn) == 2 * size * sum(draws.n == size for draws in found)
    assert list(draws_by_size({1: "a"}, 2, 3, [0])) == []


def test_units_are_not_cut():
    donors = {cell: f"d{cell % 8}" for cell in range(N_CELLS)}
    for draws in draws_by_size(donors, 2, 2, [0]):
        sides = [{donors[cell] for cell in side.tolist()} for side in draws.cells]
        assert not sides[0] & sides[1]
        assert [len(side) for side in sides] == [draws.n] * 2
        assert sum(map(len, draws.cells)) == 4 * 2 * draws.n


def test_draws_of_types_stay_within_them():
    found = list(draws_by_label(OF_CELL, LABEL, 4, [0]))
    assert [(draws.kind, draws.names) for draws in found] == [
        ("label_within", ("A", "A")), ("label_between", ("A", "B")), ("label_between", ("A", "C")),
        ("label_within", ("B", "B")), ("label_between", ("B", "C")), ("label_within", ("C", "C")),
    ]  # fmt: skip
    for draws in found:
        for name, cells in zip(draws.names, draws.cells, strict=True):
            assert {LABEL[cell] for cell in cells.tolist()} == {name}
            assert len(cells) == 4
        assert not set(draws.cells[0].tolist()) & set(draws.cells[1].tolist())
    assert list(draws_by_label(OF_CELL, LABEL, 20, [0])) == []


def test_sums_by_source_add_up_to_those_of_halves():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 6, 50)) < 0.3
    x, y = rng.normal(size=(2, 6, 50))
    assert sums_by_source(first, second, x, y).sum(0) == pytest.approx(_sums(first, second, x, y))


def test_agreement_grows_with_the_cells_of_a_draw():
    rng = np.random.default_rng(2)
    means = np.repeat(0.6 * rng.normal(size=(N_SOURCES, 1, sum(SIZES.values()))), N_CELLS, axis=1)
    effects = block(rng, means)
    r = {draws.n: rows_of(draws, effects)["tested", 1] for draws in draws_by_size(OF_CELL, 4, 1, [0])}
    assert r[16]["r"] > r[8]["r"] > r[4]["r"] > 3 * r[4]["r_se"]
    assert all(abs(row["r_chance"]) < 0.2 for row in r.values())
    assert r[16]["jaccard"] == pytest.approx(1, abs=0.01)  # of pairs with any effect: nearly all


def test_effects_of_nothing_agree_by_chance_alone():
    """Realised share of |r| beyond 2.26 standard errors (t of 9 degrees of freedom at 0.05), over 200 draws."""
    z = []
    for draw in range(200):
        rng = np.random.default_rng([3, draw])
        effects = block(rng, np.zeros((N_SOURCES, N_CELLS, sum(SIZES.values()))))
        (draws,) = draws_by_size(OF_CELL, 16, 1, [draw])
        row = rows_of(draws, effects)["tested", 1]
        z.append(row["r"] / row["r_se"])
    assert abs(np.mean(z)) < 3 * np.std(z) / np.sqrt(200)
    assert np.mean(np.abs(z) > 2.26) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)


def test_circuits_of_one_type_repeat_within_it_and_not_between_types():
    rng = np.random.default_rng(4)
    of_type = {name: rng.normal(size=(N_SOURCES, sum(SIZES.values()))) for name in ("A", "B", "C")}
    none = np.zeros((N_SOURCES, sum(SIZES.values())))
    means = np.stack([of_type.get(LABEL[cell], none) for cell in range(N_CELLS)], axis=1)
    effects = block(rng, means)
    r = {draws.names: rows_of(draws, effects)["tested", 2]["r"] for draws in draws_by_label(OF_CELL, LABEL, 4, [0])}
    within, between = (
        [value for names, value in r.items() if (len(set(names)) == 1) == alike] for alike in (True, False)
    )
    assert min(within) > 0.3
    assert max(map(abs, between)) < 0.2


def test_a_rule_asks_as_many_responding_cells_as_the_draw_has_of_all():
    (draws,) = draws_by_size(OF_CELL, 16, 1, [0])
    found = Replicates(draws, RULES, Targets(SIZES), 0.5)
    assert [rule.nonzero_min for rule in found.bar.rules] == [0, 4]
    assert found.bar.names == ["tested", "published", "calibrated", "published_capped"]
    assert {row["n_sources"] for row in found.rows()} == {0}
