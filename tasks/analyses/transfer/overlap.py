"""Are the edges of one trace those of another, by source, into one target layer?

1. Sources that were traced in both, E and F their edges as pairs of features: Jaccard |E and F| / |E or F|.
2. Chance: F with every source in the place of the next one. Targets that answer any source are found again as well.
3. Degrees: Spearman's rho of a source's edges in either, and the same given firing frequency, which both follow. Lines
   in ranks leave some of that over, and sources that seldom fire scatter more: p is that of permutations among
   NEIGHBOURS of like frequency.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.hubs.enrichment import blocks_of
from tasks.statistics.partial_rank import permute_partial_spearman
from tasks.trace.significance.sweep import rank_correlation

Floats = NDArray[np.float64]
Row = dict[str, Any]
NEIGHBOURS = 4
ENDS = ["source_feature", "target_feature"]


def overlap_row(
    ends: tuple[pl.DataFrame, pl.DataFrame],
    sources: list[int],
    frequency: dict[int, float],
    n_draws: int,
    seed: list[int],
) -> Row:
    """Columns n_own to p of table ``transfer_edge``; ``ends``: ENDS of edges here and there, of ``sources`` or more."""
    first, second = (edges.filter(pl.col("source_feature").is_in(sources)).select(ENDS) for edges in ends)
    n_both = first.join(second, on=ENDS, how="semi").height
    after = dict(zip(sources, [*sources[1:], *sources[:1]], strict=True))
    turned = second.with_columns(pl.col("source_feature").replace_strict(after, return_dtype=pl.UInt32))
    by_chance = first.join(turned, on=ENDS, how="semi").height if len(sources) > 1 else None
    here, there = _degrees(first, sources), _degrees(second, sources)
    given = _given_frequency(here, there, np.array([frequency[one] for one in sources]), n_draws, seed)
    return {
        "n_own": first.height,
        "n_other": second.height,
        "n_both": n_both,
        "jaccard": _jaccard(n_both, first.height, second.height),
        "jaccard_chance": None if by_chance is None else _jaccard(by_chance, first.height, second.height),
        "rho": rank_correlation(here, there) if sources else None,
        **given,
    }


def _jaccard(both: int, first: int, second: int) -> float | None:
    return both / (first + second - both) if first + second else None


def _degrees(edges: pl.DataFrame, sources: list[int]) -> Floats:
    counted = dict(edges.group_by("source_feature").len().iter_rows())
    return np.array([counted.get(one, 0) for one in sources], dtype=np.float64)


def _given_frequency(first: Floats, second: Floats, frequency: Floats, n_draws: int, seed: list[int]) -> Row:
    nothing = {"rho_given_frequency": None, "p": None}
    if len(first) < 2 * NEIGHBOURS or not (np.ptp(first) and np.ptp(second)):
        return nothing
    blocks = blocks_of(frequency, NEIGHBOURS)
    draws = permute_partial_spearman(first, second, frequency, n_draws=n_draws, seed=seed, strata=blocks)
    rho = float(draws.observed[0])
    return nothing if np.isnan(rho) else {"rho_given_frequency": rho, "p": float(draws.p("two-sided")[0])}
