"""Published ratios read redundancy where effects add up exactly; the test of raw effects does not, and finds gates."""

import numpy as np
import pytest
import torch

from tasks.combine.additivity import additivity
from tasks.combine.interactions import interaction
from tasks.combine.ratios import Sizes, called_sizes, published_figures, published_rule
from tasks.statistics.fdr import benjamini_hochberg
from tests.builders.planted_sets import measured, planted_effects, planted_row

WHOLE = (1, 2, 3)


def p_of(seed, **planted):
    effects = planted_effects(seed, **planted)
    singles = effects[1,] + effects[2,] + effects[3,]
    return additivity(interaction(effects, WHOLE, 1e-6), singles, 499, [seed]).p


def test_effects_that_add_up_exactly_look_redundant_as_published():
    """The published figures, 0.70 for pairs and 0.53 for triples, are what exact additivity gives."""
    rows = [planted_row(seed, noise=0.0) for seed in range(4)]
    assert np.median([row["r2"] for row in rows]) == pytest.approx(0.70, abs=0.02)
    assert np.median([row["r3"] for row in rows]) == pytest.approx(0.57, abs=0.03)
    assert sum(row["n_sub"] for row in rows) / sum(row["n_targets"] for row in rows) > 0.99
    assert all(row["n_super"] == 0 and row["interaction_published"] > 0 for row in rows)
    assert [(row["p"], row["energy"]) for row in rows] == [(1.0, 0.0)] * 4
    assert rows[0]["ratio_additive"] == pytest.approx(0.577, abs=5e-4)


def test_noise_of_the_conditions_pulls_the_triple_ratio_to_what_was_published():
    """0.55: noise of the joint condition adds to its spread, not to its mean."""
    rows = [planted_row(seed, noise=0.6) for seed in range(4)]
    assert np.median([row["r2"] for row in rows]) == pytest.approx(0.67, abs=0.03)
    assert np.median([row["r3"] for row in rows]) == pytest.approx(0.55, abs=0.02)


def test_additive_cells_give_a_uniform_p():
    p = np.array([p_of(seed) for seed in range(200)])
    for level in (0.05, 0.25, 0.5, 0.75):
        error = (level * (1 - level) / len(p)) ** 0.5
        assert abs((p <= level).mean() - level) <= 3 * error
    assert np.abs(np.sort(p) - (np.arange(200) + 0.5) / 200).max() < 1.63 / 200**0.5  # Kolmogorov, 1 %


def test_a_gate_of_three_is_found():
    p = np.array([p_of(seed, gate=0.2) for seed in range(40)] + [p_of(seed) for seed in range(100, 140)])
    found = benjamini_hochberg(p) <= 0.05
    assert found[:40].mean() >= 0.95
    assert found[40:].mean() <= 0.05 + 3 * (0.05 * 0.95 / 40) ** 0.5


def test_targets_of_a_gate_are_found_by_raw_effects_and_not_by_ratios():
    _, stats = measured(0, gate=0.6)
    own = stats.filter(kind="interaction", members="1+2+3").sort("target_feature")
    called = set(own.filter(own["q"] <= 0.05)["target_feature"].to_list())
    assert len(called & set(range(20))) >= 19
    assert len(called - set(range(20))) <= 5
    assert planted_row(0, gate=0.6)["n_super"] == 0


def test_energy_is_what_it_says_and_its_null_what_noise_leaves():
    effects = planted_effects(3, gate=0.5)
    joint, singles = interaction(effects, WHOLE, 0.0), effects[1,] + effects[2,] + effects[3,]
    found = additivity(joint, singles, 499, [0])
    total = float(singles.double().mean(0).square().sum())
    assert found.energy == pytest.approx(float(joint.double().mean(0).square().sum()) / total)
    noise = float(joint.double().square().sum()) / 100**2 / total  # of independent cells, a mean has 1/n of the square
    assert found.energy_null == pytest.approx(noise, rel=0.1)
    nothing = additivity(torch.zeros(5, 4), torch.zeros(5, 4), 499, [0])
    assert (nothing.energy, nothing.energy_null, nothing.p) == (None, None, 1.0)


def test_ratios_by_hand():
    of = {(1,): [0.4, 0.0], (2,): [0.4, 0.0], (3,): [0.2, 0.005], (1, 2): [0.4, 1.0], (1, 3): [0.9, 1.0]}
    of |= {(2, 3): [0.6, 1.0], (1, 2, 3): [0.5, 1.0]}
    sizes = Sizes(3, {subset: np.array(values) for subset, values in of.items()})
    assert sizes.ratio((1, 2)).tolist() == [0.5, 1.0]
    assert sizes.ratios(2).tolist() == pytest.approx([0.5, 1.0, 1.5, 1.0, 1.0, 1.0])
    found = published_figures(sizes, 99, [0])
    assert (found["n_sub"], found["n_add"], found["n_super"]) == (1, 1, 0)
    assert found["interaction_published"] == pytest.approx(np.median([0.5 - 1.9 + 1.0, 1.0 - 3.0 + 0.005]))
    assert found["marginal"] == pytest.approx(0.05)
    none = published_figures(Sizes(2, {(1,): np.empty(0), (2,): np.empty(0), (1, 2): np.empty(0)}), 99, [0])
    assert (none["ratio"], none["low"], none["r3"], none["n_targets"]) == (1.0, None, None, 0)


def test_targets_are_those_of_the_published_rule_in_any_condition():
    _, stats = measured(5)
    sizes = called_sizes(stats, 3, published_rule())
    rows = stats.filter(kind="effect").to_dicts()
    slow = {
        row["target_feature"]
        for row in rows
        if abs(row["d"]) > 0.5 and max(row["n_pos"], row["n_cells"] - row["n_pos"]) / row["n_cells"] > 0.7
    }
    assert len(sizes.of[WHOLE]) == len(slow) > 50
    d = {(row["members"], row["target_feature"]): abs(row["d"]) for row in rows}
    assert sizes.of[1, 3].tolist() == [d.get(("1+3", target), 0.0) for target in sorted(slow)]
