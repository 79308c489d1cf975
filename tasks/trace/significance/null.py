"""How many pairs of a source feature pass a rule by chance: the same counts after sign flips.

1. Flipped means are S @ X / n; the sum of squares q does not change, so sd_b^2 = (q - n m_b^2) / (n - 1).
2. Flipped positives are the cells whose sign times effect is positive: (S @ sign(X) + nonzero) / 2.
3. d and g are rounded to float32, as edge_stat stores those observed: what equals a threshold is judged alike.
4. Every rule's effect and consistency are applied to each flip, and the passing pairs counted. A rule's q takes no
   part: it is itself made from flips.

Where the unit is not the cell, effects [n, T] are the means of n units, which keep one sign each.

The signs are drawn in full, both halves, since the published rule is not symmetric under a global flip.
"""

import math
from dataclasses import dataclass

import polars as pl
import torch
from torch import Tensor

from tasks.statistics.flips import TILE
from tasks.statistics.moments import hedges_factor, standardise
from tasks.store import table_frame
from tasks.trace.names import Names
from tasks.trace.significance.rules import Rule, published_agreement, sign_agreement

EFFECT_GRID = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0)
CONSISTENCY_GRID = (0.6, 0.7, 0.8, 0.9, 1.0)
JUST_BELOW_ONE = math.nextafter(1.0, 0.0)


@dataclass(frozen=True)
class Signed:
    """Effect sizes and sign counts over n cases, [B, T]: of B flips, or of the observation with B = 1.

    ``d`` and ``g`` are float32, as edge_stat stores them.
    """

    n: int
    d: Tensor
    g: Tensor
    n_pos: Tensor
    n_neg: Tensor


@dataclass(frozen=True)
class Counts:
    """Passing pairs of one source feature: ``by_rule`` int64 [rules, B] row by row, ``grid`` int64 [6, 5] in all."""

    n: int
    by_rule: Tensor
    grid: Tensor


def flipped(effects: Tensor, signs: Tensor) -> Signed:
    """Statistics of effects [n, T] after sign flips [B, n]: d and g float32, counts float32, whole numbers."""
    x, s = effects.double(), signs.to(effects.device)
    n = x.shape[0]
    mean = (s @ x).div_(max(n, 1))
    variance = mean.square().mul_(-n).add_(x.square().sum(0)).div_(max(n - 1, 1))
    d = standardise(mean, variance.clamp_min_(0).sqrt_()) * (n > 1)
    sign = x.sign().float()
    nonzero = sign.abs().sum(0)
    n_pos = (s.float() @ sign).add_(nonzero).div_(2)
    return Signed(n, d.float(), (d * hedges_factor(n)).float(), n_pos, nonzero - n_pos)


def rule_counts(stat: Signed, rule: Rule) -> Tensor:
    """Pairs that pass the rule, q apart, in each row: int64 [B]."""
    effect = stat.g if rule.symmetric else stat.d
    return rule.passes(effect, stat.n_pos, stat.n_neg, stat.n).sum(1)


def grid_counts(stat: Signed, nonzero_min: int, *, symmetric: bool = True) -> Tensor:
    """Pairs that pass each of the 6 x 5 thresholds of |d| and sign agreement, summed over rows: int64 [6, 5].

    Both are exclusive, but for an agreement of 1, which can only be reached. A pair is one of 7 x 6 kinds, by how many
    thresholds of either it passes; the kinds are counted, and each threshold takes those at or above it. Agreement is
    that of cases with an effect where ``symmetric``, else the published one.
    """
    agreement = sign_agreement(stat.n_pos, stat.n_neg) if symmetric else published_agreement(stat.n_pos, stat.n)
    enough = stat.n_pos + stat.n_neg >= nonzero_min
    kind = _passed(stat.d.double().abs(), EFFECT_GRID) * (len(CONSISTENCY_GRID) + 1)
    kind += _passed(agreement, (*CONSISTENCY_GRID[:-1], JUST_BELOW_ONE))
    kind *= enough
    shape = len(EFFECT_GRID) + 1, len(CONSISTENCY_GRID) + 1
    kinds = torch.bincount(kind.flatten(), minlength=shape[0] * shape[1]).view(shape)
    return kinds.flip(0, 1).cumsum(0).cumsum(1).flip(0, 1)[1:, 1:]


def _passed(value: Tensor, thresholds: tuple[float, ...]) -> Tensor:
    """How many ascending thresholds each value exceeds: uint8."""
    passed = torch.zeros(value.shape, dtype=torch.uint8, device=value.device)
    for least in thresholds:
        passed += value > least
    return passed


def count_observed(stat: Signed, rules: list[Rule], nonzero_min: int) -> Counts:
    """Counts of the observation."""
    return Counts(stat.n, torch.stack([rule_counts(stat, rule) for rule in rules]), grid_counts(stat, nonzero_min))


def count_flipped(effects: Tensor, signs: Tensor, rules: list[Rule], nonzero_min: int) -> Counts:
    """Counts of effects [n, T] after sign flips [B, n], tile by tile, so that what is counted stays in cache."""
    tiles = [
        count_observed(flipped(tile, signs), rules, nonzero_min) for tile in torch.split(effects.double(), TILE, dim=1)
    ]
    by_rule = torch.stack([tile.by_rule for tile in tiles]).sum(0)
    return Counts(len(effects), by_rule, torch.stack([tile.grid for tile in tiles]).sum(0))


def null_frame(
    names: Names, feature: int, rules: list[Rule], observed: Counts, chance: Counts, n_cells: int | None = None
) -> pl.DataFrame:
    """Rows of null_feature for one source feature; ``n_cells``: where the cases are not cells, how many there are."""
    rows = []
    for rule, found, flips in zip(rules, observed.by_rule, chance.by_rule.double(), strict=True):
        count, expected, sd = int(found), float(flips.mean()), float(flips.std())
        about = {"source_feature": feature, "criterion": rule.name, "n_cells": n_cells or observed.n, "observed": count}
        chances = {"expected_null": expected, "null_sd": sd, "fdr": expected / count if count else None}
        rows.append({**names.source, **about, **chances, "n_perm": len(flips)})
    return table_frame("null_feature", rows)


def sweep_frame(feature: int, observed: Counts, chance: Counts) -> pl.DataFrame:
    """Degree of one source feature, and its expectation by chance, at each of the thirty threshold pairs."""
    return pl.DataFrame(
        {
            "source_feature": pl.Series([feature] * len(EFFECT_GRID) * len(CONSISTENCY_GRID), dtype=pl.UInt32),
            "effect_min": [least for least in EFFECT_GRID for _ in CONSISTENCY_GRID],
            "consistency_min": list(CONSISTENCY_GRID) * len(EFFECT_GRID),
            "degree": observed.grid.flatten().double().cpu().numpy(),
            "expected_null": chance.grid.flatten().double().cpu().numpy() / chance.by_rule.shape[1],
        }
    )
