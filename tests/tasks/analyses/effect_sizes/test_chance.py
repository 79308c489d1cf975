"""Sign flips by rule and layer: a loop gives the same counts; sparse responders show which rule prefers a sign."""

import numpy as np
import pytest
import torch

from tasks.analyses.effect_sizes.by_layer import interval
from tasks.analyses.effect_sizes.chance import SIZES, flipped_counts, observed_counts
from tasks.statistics.moments import moments
from tasks.statistics.signs import draw_signs
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.pair_tests import FeatureEffects, as_stored
from tasks.trace.significance.rules import flip_rules

RULES = flip_rules(TraceSettings())
LAYERS = [3, 5]


def part_of(effects: np.ndarray, feature: int = 0) -> FeatureEffects:
    """A source whose targets [n, T] lie in two layers, the later ones in the second."""
    n_targets = effects.shape[1]
    layers = np.repeat(np.array(LAYERS, dtype=np.uint16), [n_targets // 2, n_targets - n_targets // 2])
    return FeatureEffects(feature, layers, np.arange(n_targets, dtype=np.uint32), torch.from_numpy(effects))


def plain(effects: np.ndarray, rule) -> tuple[np.ndarray, np.ndarray]:
    """Which targets pass, and their d."""
    stat = as_stored(moments(torch.from_numpy(effects)))
    passes = rule.passes(stat.g if rule.symmetric else stat.d, stat.n_pos, stat.n_neg, stat.n)
    return passes[0].numpy(), stat.d[0].numpy()


def test_flips_are_counted_one_by_one():
    rng = np.random.default_rng(0)
    effects = rng.normal(0.3, 1, (12, 40)) * (rng.random((12, 40)) < 0.8)
    part, second = part_of(effects), np.arange(40) >= 20
    found = flipped_counts(part, LAYERS, RULES, 7, [1])
    passing, negative, above = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, len(SIZES)))
    for signs in draw_signs(12, 7, [1]):
        for row, rule in enumerate(RULES):
            passes, d = plain(effects * signs[:, None], rule)
            for layer, own in enumerate((~second, second)):
                passing[row, layer] += (passes & own).sum() / 7
                negative[row, layer] += (passes & own & (d < 0)).sum() / 7
                above[layer] += [(own & (np.abs(d) > size)).sum() / 7 / len(RULES) for size in SIZES]
    np.testing.assert_allclose(found.passing, passing)
    np.testing.assert_allclose(found.negative, negative)
    np.testing.assert_allclose(found.above, above)
    assert observed_counts(part, LAYERS, RULES).passing.sum() == sum(plain(effects, rule)[0].sum() for rule in RULES)


def responders(seed: int, n_sources: int = 12) -> list[FeatureEffects]:
    """Targets of which half the cells answer, as many up as down; the sources' cells differ."""
    parts = []
    for source in range(n_sources):
        rng = np.random.default_rng([seed, source])
        sizes = rng.normal(1, 0.3, (60, 120)) * (rng.random((60, 120)) < rng.uniform(0.35, 0.65))
        parts.append(part_of(sizes * np.where(np.arange(120) % 2, 1.0, -1.0), source))
    return parts


def shares(parts, counts) -> dict[str, float]:
    """Share of negative pairs among those that pass each rule."""
    found = sum((counts(part) for part in parts[1:]), counts(parts[0]))
    return dict(zip((rule.name for rule in RULES), found.negative.sum(1) / found.passing.sum(1), strict=True))


def test_sparse_responders_of_both_signs_have_no_sign_but_under_the_published_rule():
    parts = responders(0)
    found = shares(parts, lambda part: observed_counts(part, LAYERS, RULES))
    assert found["calibrated"] == pytest.approx(0.5, abs=0.01)
    assert found["published"] > 0.65
    chance = shares(parts, lambda part: flipped_counts(part, LAYERS, RULES, 50, [0, part.feature]))
    assert chance["calibrated"] == pytest.approx(0.5, abs=0.05)
    assert chance["published"] > 0.65  # what the page draws beside the published share


def test_no_interval_of_a_single_source():
    assert interval(np.ones(1), np.ones(1), 99, [0]) == (None, None)
