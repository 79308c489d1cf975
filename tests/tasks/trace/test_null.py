"""Chance expectations against a loop over flips."""

import numpy as np
import pytest
import torch

from tasks.trace.flips import draw_signs
from tasks.trace.moments import moments
from tasks.trace.names import Names
from tasks.trace.null import CONSISTENCY_GRID, EFFECT_GRID, flipped, grid_counts, null_frame, rule_counts, sweep_frame
from tasks.trace.rules import rules
from tasks.trace.settings import TraceSettings
from tasks.trace.statistics import as_stored
from tests.builders.contract import assert_contract

RULES = rules(TraceSettings(nonzero_min=4))
NAMES = Names(2, "L02", {3: "L03"})


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
            np.testing.assert_allclose(getattr(found, name)[row], getattr(slow, name), rtol=1e-9, atol=1e-12)


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
            slow = ((found.d.abs() > effect) & agreed & enough).double().sum() / len(signs)
            assert counts[i, j].item() == pytest.approx(slow.item(), rel=1e-12)


def test_one_cell_passes_nothing(signs):
    found = flipped(torch.ones(1, 3), signs[:, :1])
    assert not found.d.any()
    assert sum(rule_counts(found, rule).sum().item() for rule in RULES) == 0


def test_a_source_without_live_targets_has_zero_rows(signs):
    stat, chance = as_stored(moments(torch.empty(15, 0))), flipped(torch.empty(15, 0), signs)
    assert null_frame(NAMES, 3, RULES, stat, chance)["expected_null"].to_list() == [0, 0]
    assert sweep_frame(3, stat, chance, 4)["degree"].sum() == 0


def test_null_rows_fit_their_contract(effects, signs):
    stat, chance = as_stored(moments(effects)), flipped(effects, signs)
    frame = null_frame(NAMES, 3, RULES, stat, chance)
    assert_contract(frame, "null_feature")
    counts = rule_counts(chance, RULES[0]).double()
    row = frame.row(0, named=True)
    assert row["expected_null"] == pytest.approx(counts.mean().item())
    assert row["null_sd"] == pytest.approx(counts.std(correction=1).item())
    assert row["fdr"] == pytest.approx(row["expected_null"] / row["observed"])


def test_without_an_observed_pair_there_is_no_rate(signs):
    tiny = torch.zeros(15, 3)
    frame = null_frame(NAMES, 3, RULES, as_stored(moments(tiny)), flipped(tiny, signs))
    assert frame["fdr"].to_list() == [None, None]
