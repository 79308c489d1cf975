"""Decoys: control directions in the place of features, and how many specific edges they would make.

The sampled features' controls random_direction and covariance_matched keep one direction in all cells, as a feature
does. Held against the features' companions, they say how large an excess is out of reach for a direction that means
nothing (see ``significance.specific``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tasks.causal.effects import BlockEffects
from tasks.statistics.moments import moments
from tasks.trace.significance.degree import STAT_COLUMNS, called
from tasks.trace.significance.pair_tests import FeatureEffects, as_stored, by_feature
from tasks.trace.significance.rules import Rule
from tasks.trace.significance.specific import DecoyNull
from tasks.trace.units import Units

CALLED = [*STAT_COLUMNS, "excess"]


def passing(part: FeatureEffects, rule: Rule) -> pl.DataFrame:
    """Of one decoy: a row (target_layer, excess) for every pair that passes the rule; excess null if unknown."""
    found = as_stored(moments(part.values))
    passes = rule.passes(found.g, found.n_pos, found.n_neg, found.n)[0].numpy()
    excess = pl.Series("excess", [None] * len(passes), dtype=pl.Float32)
    if part.beyond is not None:
        excess = pl.Series("excess", part.beyond.excess.float().numpy())
    return pl.DataFrame([pl.Series("target_layer", part.layers), excess]).filter(passes)


def decoy_nulls(
    decoys: list[BlockEffects],
    companions: BlockEffects,
    rule: Rule,
    tested: dict[int, float],
    units: Units | None = None,
) -> dict[int, DecoyNull]:
    """The null of every target layer, from the effects of ``decoys`` beside the companions of the same features.

    ``tested``: pairs of a feature that could be an edge, on average, by target layer.
    """
    parts = [part for block in decoys for part in by_feature(block, companions, units)]
    found = pl.concat(passing(part, rule) for part in parts)
    nulls = {}
    for layer, n in tested.items():
        excess = found.filter(target_layer=layer)["excess"].drop_nulls().to_numpy()
        nulls[layer] = DecoyNull(np.sort(excess), n * len(parts))
    return nulls


@dataclass(frozen=True)
class Specific:
    """Specific edges: ``edges`` by source feature, and the ``least`` excess of one by target layer."""

    edges: dict[int, int]
    least: dict[int, float]

    @classmethod
    def of(cls, edge_stat: Iterable[Path], rule: Rule) -> "Specific":
        """Count them in shards of edge_stat."""
        frames = [called(pl.read_parquet(path, columns=CALLED, glob=False), rule) for path in edge_stat]
        every = pl.concat(frames)
        edges = every.group_by("source_feature").len()
        least = every.group_by("target_layer").agg(pl.col("excess").min())
        return cls(dict(edges.iter_rows()), dict(least.iter_rows()))

    def of_control(self, parts: list[FeatureEffects], rule: Rule) -> dict[int, int]:
        """By feature: pairs of a control that pass the rule with no smaller an excess than some edge."""
        counts = {}
        for part in parts:
            found = passing(part, rule)
            least = found["target_layer"].replace_strict(self.least, default=None, return_dtype=pl.Float64)
            counts[part.feature] = int((found["excess"] >= least).sum())
        return counts
