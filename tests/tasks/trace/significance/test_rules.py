"""The two rules on the cases that tell them apart."""

import pytest
import torch

from tasks.statistics.moments import moments
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import rules

PUBLISHED, CALIBRATED, SPECIFIC = rules(TraceSettings(nonzero_min=5))


def passes(rule, x) -> list[bool]:
    found = moments(torch.as_tensor(x, dtype=torch.float64))
    effect = found.g if rule.symmetric else found.d
    return rule.passes(effect, found.n_pos, found.n_neg, found.n).tolist()


def column(n_effect: int, n: int, size: float) -> torch.Tensor:
    """``n_effect`` cells with effects of about ``size``, the others zero: [n, 1]."""
    x = torch.zeros(n, 1, dtype=torch.float64)
    x[:n_effect, 0] = size * torch.linspace(0.9, 1.1, n_effect, dtype=torch.float64)
    return x


@pytest.mark.parametrize(
    ("n_effect", "positive", "negative"), [(5, True, True), (6, False, True), (14, False, True), (15, True, True)]
)
def test_published_rule_counts_zeros_as_negative(n_effect, positive, negative):
    assert passes(PUBLISHED, column(n_effect, 20, 1.0)) == [positive]
    assert passes(PUBLISHED, column(n_effect, 20, -1.0)) == [negative]


@pytest.mark.parametrize("n_effect", [5, 6, 14, 15, 20])
def test_calibrated_rule_treats_mirror_images_alike(n_effect):
    assert passes(CALIBRATED, column(n_effect, 20, 1.0)) == passes(CALIBRATED, column(n_effect, 20, -1.0)) == [True]


def test_calibrated_rule_wants_enough_cells_with_an_effect():
    strict = rules(TraceSettings(nonzero_min=8))[1]
    assert passes(strict, column(7, 20, 1.0)) == [False]
    assert passes(strict, column(8, 20, 1.0)) == [True]


def test_calibrated_rule_judges_g_and_the_published_one_d():
    d = torch.tensor([0.51, -0.51], dtype=torch.float64)
    counts = torch.tensor([20, 0]), torch.tensor([0, 20])
    assert PUBLISHED.passes(d, *counts, 20).tolist() == [True, True]
    assert CALIBRATED.passes(d * 0.96, *counts, 20).tolist() == [False, False]


def test_thresholds_are_exclusive():
    n_pos, n_neg = torch.tensor([14, 15]), torch.tensor([6, 5])
    big = torch.tensor([9.0, 9.0])
    for rule in (PUBLISHED, CALIBRATED):
        assert rule.passes(big, n_pos, n_neg, 20).tolist() == [False, True]
        assert rule.passes(torch.full((2,), 0.5), n_pos, n_neg, 20).tolist() == [False, False]


def test_all_zeros_pass_nothing():
    assert passes(PUBLISHED, torch.zeros(20, 2)) == passes(CALIBRATED, torch.zeros(20, 2)) == [False, False]


def test_all_equal_effects_are_an_edge_by_both_rules():
    assert passes(PUBLISHED, torch.full((20, 1), 0.1)) == passes(CALIBRATED, torch.full((20, 1), -0.1)) == [True]


def test_published_rule_keeps_its_thresholds_whatever_the_settings():
    changed = rules(TraceSettings(effect_min=1, consistency_min=0.9, nonzero_min=3))
    assert changed[0] == PUBLISHED
    assert (changed[1].effect_min, changed[1].consistency_min, changed[1].nonzero_min) == (1, 0.9, 3)
