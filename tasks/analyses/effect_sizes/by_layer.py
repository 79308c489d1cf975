"""Tables attenuation, effect_size_summary and effect_size_ecdf: effects by rule and target layer.

1. Edges of a source in each target layer, averaged over all tested sources: most have few, and leaving those without
   any out, as published, makes effects reach farther than they do (``mean_with_edges``).
2. Sizes and signs of edges, and of all tested pairs: edges alone are those that a threshold let pass.
3. Intervals are over sources (``fieller``): edges of one source share its cells and its displacement.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.effect_sizes.chance import SIZES, Counts
from tasks.analyses.effect_sizes.halves import CAP
from tasks.statistics.fieller import ratio_limits

Floats = NDArray[np.float64]
Row = dict[str, Any]
ENDS = ["source_feature", "target_layer"]


def strongest(edges: pl.DataFrame, cap: int = CAP) -> pl.DataFrame:
    """The ``cap`` edges of largest |d| of every source in each target layer, ties by target."""
    size = pl.col("d").abs().rank("ordinal", descending=True).over(ENDS)
    return edges.sort(*ENDS, "target_feature").filter(size <= cap)


def interval(
    hits: Floats, n: Floats, n_draws: int, seed: list[int], most: float = np.inf
) -> tuple[float | None, float | None]:
    """95 % interval of sum(hits) / sum(n) over sources [S], within 0 and ``most``; None for a missing end."""
    low, high = ratio_limits(hits, n, n_draws, seed)
    return None if low is None else max(low, 0.0), None if high is None else min(high, most)


def counted(edges: pl.DataFrame, sources: Sequence[int], layer: int) -> tuple[Floats, Floats]:
    """Edges into ``layer`` of every source, and those of them with a negative effect: [S] each."""
    own = edges.filter(target_layer=layer).group_by("source_feature").agg(n=pl.len(), negative=(pl.col("d") < 0).sum())
    every = pl.DataFrame({"source_feature": sources}, schema={"source_feature": pl.UInt32})
    found = every.join(own, on="source_feature", how="left", maintain_order="left").fill_null(0)
    return found["n"].to_numpy().astype(np.float64), found["negative"].to_numpy().astype(np.float64)


def attenuation_row(degree: Floats, somewhere: NDArray[np.bool_], n_draws: int, seed: list[int]) -> Row:
    """Step 1 for one rule and target layer: ``degree`` [S]; ``somewhere`` [S]: sources with an edge in any layer."""
    low, high = interval(degree, np.ones(degree.size), n_draws, seed)
    return {
        "n_sources": degree.size,
        "n_without": int(np.count_nonzero(degree == 0)),
        "n_edges": int(degree.sum()),
        "mean_edges": float(degree.mean()),
        "low": low,
        "high": high,
        "mean_with_edges": float(degree[somewhere].mean()) if somewhere.any() else None,
    }


def size_row(d: Floats, n: Floats, negative: Floats, n_draws: int, seed: list[int]) -> Row:
    """Steps 2 and 3 for one rule and target layer: ``d`` [E] of its pairs; ``n`` and ``negative`` [S] of sources."""
    size, some = np.abs(d), n > 0
    if not d.size:
        empty = ("mean_abs_d", "median_abs_d", "max_abs_d", "above_1", "above_2", "share_negative", "low", "high")
        return {"n_pairs": 0, "n_sources": 0, **dict.fromkeys(empty)}
    low, high = interval(negative[some], n[some], n_draws, seed, most=1.0)
    return {
        "n_pairs": d.size,
        "n_sources": int(np.count_nonzero(some)),
        "mean_abs_d": float(size.mean()),
        "median_abs_d": float(np.median(size)),
        "max_abs_d": float(size.max()),
        "above_1": float((size > 1).mean()),
        "above_2": float((size > 2).mean()),
        "share_negative": float(negative.sum() / n.sum()),
        "low": low,
        "high": high,
    }


def ecdf_rows(observed: Counts, chance: Counts, place: int, n_tested: int) -> list[Row]:
    """Table ``effect_size_ecdf`` behind target_layer: shares of ``n_tested`` pairs of a layer, live or not."""
    return [
        {
            "d_min": least,
            "n_tested": n_tested,
            "n_above": round(observed.above[place, k]),
            "share": float(observed.above[place, k] / n_tested),
            "null_share": float(chance.above[place, k] / n_tested),
        }
        for k, least in enumerate(SIZES)
    ]
