"""How many pairs of a source feature pass a rule by chance: the same counts after sign flips.

1. Flipped means are S @ X / n; the sum of squares q does not change, so sd_b^2 = (q - n m_b^2) / (n - 1).
2. Flipped positives are the cells whose sign times effect is positive: (S @ sign(X) + nonzero) / 2.
3. Every rule's effect and consistency are applied to each flip, and the passing pairs counted. A rule's q takes no
   part: it is itself made from flips.

The signs are drawn in full, both halves, since the published rule is not symmetric under a global flip.
"""

from dataclasses import dataclass

import polars as pl
import torch
from torch import Tensor

from tasks.trace.moments import hedges_factor, standardise
from tasks.trace.names import EFFECT, Names
from tasks.trace.rules import Rule, sign_agreement

EFFECT_GRID = (0.3, 0.5, 0.8, 1.0, 1.5, 2.0)
CONSISTENCY_GRID = (0.6, 0.7, 0.8, 0.9, 1.0)
NULL_SCHEMA = {
    "effect": pl.String,
    "source_sae": pl.String,
    "source_layer": pl.UInt16,
    "source_feature": pl.UInt32,
    "criterion": pl.String,
    "n_cells": pl.UInt16,
    "observed": pl.UInt32,
    "expected_null": pl.Float64,
    "null_sd": pl.Float64,
    "fdr": pl.Float64,
    "n_perm": pl.UInt32,
}


@dataclass(frozen=True)
class Signed:
    """Effect sizes and sign counts over n cells, [B, T]: of B flips, or of the observation with B = 1."""

    n: int
    d: Tensor
    g: Tensor
    n_pos: Tensor
    n_neg: Tensor


def flipped(effects: Tensor, signs: Tensor) -> Signed:
    """Statistics of effects [n, T] after sign flips [B, n]."""
    x, s = effects.double(), signs.to(effects.device)
    n = x.shape[0]
    mean = s @ x / n
    variance = (x.square().sum(0) - n * mean.square()) / max(n - 1, 1)
    d = standardise(mean, variance.clamp_min(0).sqrt()) * (n > 1)
    nonzero = (x != 0).double().sum(0)
    n_pos = (s @ x.sign() + nonzero) / 2
    return Signed(n, d, d * hedges_factor(n), n_pos, nonzero - n_pos)


def rule_counts(stat: Signed, rule: Rule) -> Tensor:
    """Pairs that pass the rule, q apart, in each row: int64 [B]."""
    effect = stat.g if rule.symmetric else stat.d
    return rule.passes(effect, stat.n_pos, stat.n_neg, stat.n).sum(1)


def grid_counts(stat: Signed, nonzero_min: int) -> Tensor:
    """Pairs that pass each of the 6 x 5 thresholds of |d| and sign agreement, mean over rows: float64 [6, 5].

    Both are exclusive, but for an agreement of 1, which can only be reached. As the two conditions are independent
    masks, all thirty counts are one matrix product.
    """
    agreement = sign_agreement(stat.n_pos, stat.n_neg)
    enough = stat.n_pos + stat.n_neg >= nonzero_min
    strong = torch.stack([(stat.d.double().abs() > least) & enough for least in EFFECT_GRID])
    agreed = torch.stack([agreement >= least if least == 1 else agreement > least for least in CONSISTENCY_GRID])
    return strong.double().flatten(1) @ agreed.double().flatten(1).T / max(len(stat.d), 1)


def null_frame(names: Names, feature: int, rules: list[Rule], observed: Signed, chance: Signed) -> pl.DataFrame:
    """Rows of null_feature for one source feature."""
    rows = []
    for rule in rules:
        count, flips = int(rule_counts(observed, rule)), rule_counts(chance, rule).double()
        expected, sd = float(flips.mean()), float(flips.std())
        ratio = expected / count if count else None
        about = (EFFECT, names.source_sae, names.source_layer, feature, rule.name, observed.n)
        rows.append((*about, count, expected, sd, ratio, len(flips)))
    return pl.DataFrame(rows, schema=NULL_SCHEMA, orient="row")


def sweep_frame(feature: int, observed: Signed, chance: Signed, nonzero_min: int) -> pl.DataFrame:
    """Degree of one source feature, and its expectation by chance, at each of the thirty threshold pairs."""
    return pl.DataFrame(
        {
            "source_feature": pl.Series([feature] * len(EFFECT_GRID) * len(CONSISTENCY_GRID), dtype=pl.UInt32),
            "effect_min": [least for least in EFFECT_GRID for _ in CONSISTENCY_GRID],
            "consistency_min": list(CONSISTENCY_GRID) * len(EFFECT_GRID),
            "degree": grid_counts(observed, nonzero_min).flatten().cpu().numpy(),
            "expected_null": grid_counts(chance, nonzero_min).flatten().cpu().numpy(),
        }
    )
