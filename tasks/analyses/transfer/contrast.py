"""Table source_contrast: have the sources of one study other edges than those of another one of the same layer?

A study that ranks its sources by what is known of them, as published circuits do, speaks of these alone. Here they
stand beside those of a study that draws its sources, or chooses them otherwise; cells should be the same.

1. Of a source's edges into a target layer: their number, mean |g|, share above |g| = 1, share negative, and the share
   that joins two features with a significant term in common, of those with terms at both ends; and how often it fires.
2. Each is a ratio of sums over sources; intervals are over sources (``fieller``).
3. p: sources of one study alone are dealt anew to the two sides, two-sided. Those of both tell nothing of a difference.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.transfer.side import Side
from tasks.analyses.transfer.step import TransferSettings
from tasks.statistics.fieller import ratio_limits

Floats = NDArray[np.float64]
Row = dict[str, Any]
Pair = tuple[pl.DataFrame, pl.DataFrame]
STATISTICS = ("n_edges", "mean_abs_g", "above_1", "share_negative", "shared_term", "frequency")
ROUNDING = 1e-12


def contrast_rows(
    settings: TransferSettings, sides: tuple[Side, Side], pair: Pair, layers: tuple[int, int], seed: list[int]
) -> list[Row]:
    """Columns statistic to p, for one target layer; ``pair``: tested pairs of both sides."""
    terms = [sides[0].terms(layer) for layer in layers]
    own, other = (by_source(side, edges.filter("edge"), *terms) for side, edges in zip(sides, pair, strict=True))
    both = set(own["feature"]) & set(other["feature"])
    about = {"same_cells": sides[0].cells == sides[1].cells, "n_own": own.height, "n_theirs": other.height}
    rows = []
    for place, name in enumerate(STATISTICS):
        found = [hits_of(frame, name) for frame in (own, other)]
        alone = [hits_of(frame.filter(~pl.col("feature").is_in(list(both))), name) for frame in (own, other)]
        values = dict(zip(("own", "theirs"), map(ratio, found), strict=True))
        row: Row = {**about, "n_both": len(both), "statistic": name, **values}
        for prefix, (hits, n) in zip(("own", "theirs"), found, strict=True):
            told = n.sum() > 0
            ends = ratio_limits(hits, n, settings.n_draws, [*seed, place]) if told else (None, None)
            row |= {f"{prefix}_low": ends[0], f"{prefix}_high": ends[1]}
        rows.append({**row, "p": exchange(alone[0], alone[1], settings.n_draws, [*seed, place])})
    return rows


def by_source(side: Side, edges: pl.DataFrame, source_terms: pl.DataFrame, target_terms: pl.DataFrame) -> pl.DataFrame:
    """feature, frequency and sums over its edges, of every source of ``side``, ascending."""
    lists = [
        frame.group_by("feature").agg(pl.col("term")).rename({"feature": f"{end}_feature", "term": f"{end}_terms"})
        for end, frame in (("source", source_terms), ("target", target_terms))
    ]
    named = edges.join(lists[0], on="source_feature", how="left").join(lists[1], on="target_feature", how="left")
    with_terms = pl.col("source_terms").is_not_null() & pl.col("target_terms").is_not_null()
    shared = pl.col("source_terms").list.set_intersection("target_terms").list.len() > 0
    size = pl.col("g").abs().cast(pl.Float64)
    sums = named.sort("source_feature", "target_feature").group_by("source_feature").agg(
        n=pl.len(),
        size=size.sum(),
        above=(size > 1).sum(),
        negative=(pl.col("d") < 0).sum(),
        with_terms=with_terms.sum(),
        shared=(with_terms & shared).sum(),
    )  # fmt: skip
    every = side.features.select("feature", "frequency").sort("feature")
    found = every.join(sums, left_on="feature", right_on="source_feature", how="left", maintain_order="left")
    return found.with_columns(pl.col(pl.UInt32, pl.Float64).exclude("feature", "frequency").fill_null(0))


def hits_of(frame: pl.DataFrame, statistic: str) -> tuple[Floats, Floats]:
    """Above and below the line of a statistic's ratio, by source [S] each."""
    above = {"n_edges": "n", "mean_abs_g": "size", "above_1": "above", "share_negative": "negative"}
    above |= {"shared_term": "shared", "frequency": "frequency"}
    one = np.ones(frame.height)
    below = {"n_edges": one, "frequency": one, "shared_term": frame["with_terms"].to_numpy()}
    return frame[above[statistic]].to_numpy().astype(np.float64), np.asarray(
        below.get(statistic, frame["n"].to_numpy()), dtype=np.float64
    )


def ratio(found: tuple[Floats, Floats]) -> float | None:
    """sum(hits) / sum(n); None where nothing is below the line."""
    hits, n = found
    return float(hits.sum() / n.sum()) if n.sum() > 0 else None


def exchange(own: tuple[Floats, Floats], other: tuple[Floats, Floats], n_draws: int, seed: list[int]) -> float | None:
    """Step 3; None where a side has no source, or nothing below the line."""
    observed = ratio(own), ratio(other)
    if observed[0] is None or observed[1] is None:
        return None
    hits, n = (np.concatenate([one, two]) for one, two in zip(own, other, strict=True))
    first, rng, reached, told = own[0].size, np.random.default_rng(seed), 0, 0
    size = abs(observed[0] - observed[1])
    for _ in range(n_draws):
        drawn = rng.permutation(hits.size)
        sides = drawn[:first], drawn[first:]
        below = [n[side].sum() for side in sides]
        if min(below) > 0:
            told += 1
            apart = abs(hits[sides[0]].sum() / below[0] - hits[sides[1]].sum() / below[1])
            reached += apart >= size * (1 - ROUNDING)
    return (1 + reached) / (1 + told)
