"""Joint over single effect sizes of a set, as they were published of pairs and triplets.

With d the mean over the standard deviation of a condition's effects on a target, over targets that the published rule
calls in at least one condition:

    R_AB  = |d_AB| / (|d_A| + |d_B|)                       R_ABC = |d_ABC| / (|d_A| + |d_B| + |d_C|)
    I     = |d_ABC| - |d_AB| - |d_AC| - |d_BC| + |d_A| + |d_B| + |d_C|          M = |d_ABC| - |d_AB|

A ratio is 1 where the single sizes add up to 0.01 or less. It was called sub-additive below 0.8 and super-additive
above 1.2. That reads standardisation, not redundancy: d is no sum. n independent effects of equal d that add up exactly
give R = 1 / sqrt(n), 0.71 for a pair and 0.58 for three, and |I| is no interaction. What does measure one stands in
``additivity``. Here all conditions of a set share cells and positions; as published, each had its own.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from tasks.combine.sets import Subset
from tasks.statistics.bootstrap import bootstrap
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.rules import Rule, flip_rules

Floats = NDArray[np.float64]
SUB, SUPER = 0.8, 1.2
NO_SIZE = 0.01


@dataclass(frozen=True)
class Sizes:
    """|d| [T] of every subset of a set's members, over the targets that count."""

    n_members: int
    of: dict[Subset, Floats]

    @property
    def whole(self) -> Subset:
        """All members."""
        return tuple(range(1, self.n_members + 1))

    def ratio(self, subset: Subset) -> Floats:
        """R of a subset [T]."""
        total = sum((self.of[number,] for number in subset), start=np.zeros(len(self.of[1,])))
        enough = total > NO_SIZE
        return np.divide(self.of[subset], total, out=np.ones(len(total)), where=enough)

    def ratios(self, size: int) -> Floats:
        """R of all subsets of ``size`` members, one after the other."""
        return np.concatenate([self.ratio(subset) for subset in combinations(self.whole, size)])


def published_rule() -> Rule:
    """The rule by which targets were called."""
    return next(rule for rule in flip_rules(TraceSettings()) if rule.name == "published")


def called_sizes(stats: pl.DataFrame, n_members: int, rule: Rule) -> Sizes:
    """|d| on the targets called in some condition; ``stats``: rows of combination_stat of a set and target layer."""
    rows = stats.filter(kind="effect")
    d, n_pos, n_neg, n = (torch.from_numpy(rows[name].to_numpy().copy()) for name in ("d", "n_pos", "n_neg", "n_cells"))
    passed = rule.passes(d, n_pos.long(), n_neg.long(), n.long()).numpy()
    called = np.unique(rows["target_feature"].to_numpy()[passed])
    sizes = {}
    for subset in _subsets(n_members):
        own = rows.filter(members="+".join(map(str, subset)))
        place = np.searchsorted(called, own["target_feature"].to_numpy())
        there = np.isin(own["target_feature"].to_numpy(), called)
        sizes[subset] = np.zeros(len(called))
        sizes[subset][place[there]] = np.abs(own["d"].to_numpy()[there])
    return Sizes(n_members, sizes)


def published_figures(sizes: Sizes, n_draws: int, seed: list[int]) -> dict[str, float | int | None]:
    """Medians over targets, the percentile interval of the whole set's ratio over resampled targets, and classes.

    All ratios are 1 if no target counts, as published; there is no interval of fewer than two targets.
    """
    whole, of = sizes.ratio(sizes.whole), sizes.of
    figures: dict[str, float | int | None] = {
        "n_targets": len(whole),
        "ratio": _median(whole),
        "r2": _median(sizes.ratios(2)),
        "r3": _median(sizes.ratios(3)) if sizes.n_members >= 3 else None,
        "n_sub": int((whole < SUB).sum()),
        "n_add": int(((whole >= SUB) & (whole <= SUPER)).sum()),
        "n_super": int((whole > SUPER).sum()),
        "interaction_published": None,
        "marginal": None,
        "low": None,
        "high": None,
    }
    if len(whole) > 1:
        found = bootstrap(lambda rows: np.array([np.median(whole[rows])]), np.arange(len(whole)), n_draws, seed)
        (low,), (high,) = found.interval(method="percentile")
        figures |= {"low": float(low), "high": float(high)}
    if sizes.n_members == 3 and len(whole):
        single, pair = (sum(of[each] for each in combinations(sizes.whole, size)) for size in (1, 2))
        figures["interaction_published"] = float(np.median(of[1, 2, 3] - pair + single))
        figures["marginal"] = float(np.median(of[1, 2, 3] - of[1, 2]))
    return figures


def _median(values: Floats) -> float:
    return float(np.median(values)) if len(values) else 1.0


def _subsets(n_members: int) -> list[Subset]:
    numbers = range(1, n_members + 1)
    return [subset for size in numbers for subset in combinations(numbers, size)]
