"""Rows of table run_pair_stability between two studies: effects of the same sources on the same targets, one by one.

1. Sources that both traced. Pairs with an effect on either side (``tested``), then those that are an edge by the rule
   on either; a pair without an effect on a side has g = 0 there.
2. r of g, agreement of signs among pairs on both sides, Jaccard; the standard error of r by the jackknife over sources.
3. Chance: every source there in the place of the next one.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.stability.replicates import agreement_row
from tasks.analyses.transfer.side import ENDS, Side

Floats = NDArray[np.float64]
Row = dict[str, Any]
Pair = tuple[pl.DataFrame, pl.DataFrame]
TESTED = "tested"


def study_rows(mine: Side, there: Side, pair: Pair, name: str) -> list[Row]:
    """Columns criterion to r_se, for one target layer; ``pair``: tested pairs (``Side.stat``) here and there."""
    sources = sorted(set(mine.sources) & set(there.sources))
    first, second = (side.filter(pl.col("source_feature").is_in(sources)) for side in pair)
    rows = []
    for criterion, sides in {
        TESTED: (first, second),
        mine.rule.name: (first.filter("edge"), second.filter("edge")),
    }.items():
        own = [sums_of(*sides, sources)]
        chance = [sums_of(sides[0], turned(sides[1], sources), sources)] if len(sources) > 1 else []
        about = {"criterion": criterion, "kind": "study", "first": "own", "second": name, "n_cells": 0}
        rows.append({**about, **agreement_row(own, chance, len(sources))})
    return rows


def turned(pairs: pl.DataFrame, sources: list[int]) -> pl.DataFrame:
    """Every source in the place of the next one."""
    after = dict(zip(sources, [*sources[1:], *sources[:1]], strict=True))
    return pairs.with_columns(pl.col("source_feature").replace_strict(after, return_dtype=pl.UInt32))


def sums_of(first: pl.DataFrame, second: pl.DataFrame, sources: list[int]) -> Floats:
    """Sums of ``effect_sizes.agreement`` by source [S, 10], of pairs (ENDS and g) on two sides."""
    sides = (side.select(*ENDS, g=pl.col("g").cast(pl.Float64)) for side in (first, second))
    one, other = (side.with_columns(found=pl.lit(value=True)) for side in sides)
    joined = one.join(other, on=ENDS, how="full", coalesce=True, suffix="_other")
    x, y = pl.col("g").fill_null(0.0), pl.col("g_other").fill_null(0.0)
    here, there = (pl.col(name).fill_null(value=False) for name in ("found", "found_other"))
    by_source = joined.sort(ENDS).group_by("source_feature").agg(
        here.sum().alias("n_first"),
        there.sum().alias("n_second"),
        (here & there).sum().alias("n_both"),
        (here & there & (x.sign() == y.sign())).sum().alias("agree"),
        pl.len().alias("either"),
        x.sum().alias("x"),
        y.sum().alias("y"),
        (x * x).sum().alias("xx"),
        (y * y).sum().alias("yy"),
        (x * y).sum().alias("xy"),
    )  # fmt: skip
    every = pl.DataFrame({"source_feature": sources}, schema={"source_feature": pl.UInt32})
    found = every.join(by_source, on="source_feature", how="left", maintain_order="left").fill_null(0)
    sums: Floats = found.drop("source_feature").to_numpy().astype(np.float64).reshape(len(sources), -1)
    return sums
