"""Chance expectations against a loop over flips."""

import numpy as np
import pytest
import torch

from tasks.statistics.moments import moments
from tasks.statistics.signs import draw_signs
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.null import (
    CONSISTENCY_GRID,
    EFFECT_GRID,
    count_flipped,
    count_observed,
    flipped,
    grid_counts,
    null_frame,
    rule_counts,
    sweep_frame,
)
from tasks.trace.significance.pair_tests import as_stored
from tasks.trace.significance.rules import flip_rules

RULES = flip_rules(TraceSettings(nonzero_min=4))
NAMES = Names(2, "L02", {3: "L03"}, "total")


@pytest.fixture
def effects():
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.normal(1, 1, (15, 60)) * (rng.random((15, 60)) < 0.6))


@pytest.fixture
def signs():
    return torch.from_numpy(draw_signs(15, 40, [0]))


def test_closed_form_equals_flipping_cell_by_cell(effects, signs):
    found = flipped(effects, signs)
    for row, sign in enumerate(signs):
        slow = moments(sign[:, None] * effects)
        for name in ("d", "g", "n_pos", "n_neg"):
            np.testing.assert_allclose(getattr(found, name)[row], getattr(slow, name), rtol=1e-6, atol=1e-6)


def test_rule_counts_equal_a_loop(effects, signs):
    found = flipped(effects, signs)
    for rule in RULES:
        slow = []
        for sign in signs:
            m = moments(sign[:, None] * effects)
            slow.append(int(rule.passes(m.g if rule.symmetric else m.d, m.n_pos, m.n_neg, m.n).sum()))
        assert rule_counts(found, rule).tolist() == slow
        assert max(slow) > 0


def test_grid_counts_equal_a_loop(effects, signs):
    found = flipped(effects, signs)
    counts = grid_counts(found, 4)
    agreement = torch.maximum(found.n_pos, found.n_neg) / (found.n_pos + found.n_neg)
    enough = found.n_pos + found.n_neg >= 4
    for i, effect in enumerate(EFFECT_GRID):
        for j, consistency in enumerate(CONSISTENCY_GRID):
            agreed = agreement >= 1 if consistency == 1 else agreement > consistency
            slow = ((found.d.abs() > effect) & agreed & enough).sum()
            assert counts[i, j].item() == slow.item()
    assert counts[0, 0] > counts[-1, -1]


def test_a_flip_that_equals_a_threshold_is_judged_as_the_observation_is():
    """An effect in one of four cells has d = 0.5 exactly, under any flip: never more than the threshold."""
    effects = torch.zeros(4, 500, dtype=torch.float64)
    effects[0] = torch.from_numpy(np.random.default_rng(1).normal(size=500))
    found = flipped(effects, torch.from_numpy(draw_signs(4, 20, [0])))
    assert torch.equal(found.d.abs(), torch.full((20, 500), 0.5))
    assert not rule_counts(found, RULES[0]).any()
    assert not rule_counts(as_stored(moments(effects)), RULES[0]).any()


def test_one_cell_passes_nothing(signs):
    found = flipped(torch.ones(1, 3), signs[:, :1])
    assert not found.d.any()
    assert sum(rule_counts(found, rule).sum().item() for rule in RULES) == 0


def observe(effects):
    return count_observed(as_stored(moments(effects)), RULES, 4)


def test_tiles_of_targets_change_no_count(effects, signs, monkeypatch):
    whole = count_flipped(effects, signs, RULES, 4)
    monkeypatch.setattr("tasks.trace.significance.null.TILE", 7)
    tiled = count_flipped(effects, signs, RULES, 4)
    assert torch.equal(whole.by_rule, tiled.by_rule)
    assert torch.equal(whole.grid, tiled.grid)


def test_the_sweep_is_the_grid_a_flip(effects, signs):
    frame = sweep_frame(3, observe(effects), count_flipped(effects, signs, RULES, 4))
    slow = grid_counts(flipped(effects, signs), 4).flatten() / len(signs)
    np.testing.assert_allclose(frame["expected_null"], slow)
    assert frame["degree"].to_list() == grid_counts(as_stored(moments(effects)), 4).flatten().tolist()


def test_a_source_without_live_targets_has_zero_rows(signs):
    nothing = torch.empty(15, 0)
    stat, chance = observe(nothing), count_flipped(nothing, signs, RULES, 4)
    assert null_frame(NAMES, 3, RULES, stat, chance)["expected_null"].to_list() == [0, 0]
    assert sweep_frame(3, stat, chance)["degree"].sum() == 0


def test_null_rows_hold_what_was_counted(effects, signs):
    frame = null_frame(NAMES, 3, RULES, observe(effects), count_flipped(effects, signs, RULES, 4))
    counts = rule_counts(flipped(effects, signs), RULES[0]).double()
    row = frame.row(0, named=True)
    assert row["expected_null"] == pytest.approx(counts.mean().item())
    assert row["null_sd"] == pytest.approx(counts.std(correction=1).item())
    assert row["fdr"] == pytest.approx(row["expected_null"] / row["observed"])


def test_without_an_observed_pair_there_is_no_rate(signs):
    tiny = torch.zeros(15, 3)
    frame = null_frame(NAMES, 3, RULES, observe(tiny), count_flipped(tiny, signs, RULES, 4))
    assert frame["fdr"].to_list() == [None, None]
