"""Ranks, nulls and their comparison.

* AUROC (Mann-Whitney): U / (n_in n_out) with mid-ranks for ties, so a score without information gives 1/2.
* Swapped features: which gene list belongs to which source feature is shuffled among features of the same autoencoder
  with about the same number of edges. The edge graph with every degree, all gene lists, the target genes with the
  number of edges that reach them, their co-occurrence in lists and the known sets stay exactly as they are; only the
  tie between a source gene and its edges is broken. It is preferred to relabelling single target genes, which would
  treat genes that share features (and complexes, and promoter classes) as independent and call noise significant.
* Matched genes: the genes of all known sets are swapped within bins of equal mean expression, by the same swap in
  every set, so that set sizes and overlaps between sets stay. It says what expression alone would give; it does treat
  single genes as exchangeable, so where the two nulls disagree, swapped features is the one to believe.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
ROUNDING = 1e-12  # sums of the same terms in another order may differ by this much


@dataclass(frozen=True)
class Comparison:
    """An observed value beside its null: p is (1 + draws at least as large) / (1 + draws)."""

    observed: float
    null_mean: float
    null_sd: float
    p: float
    n_null: int


def compare(observed: float, draws: Sequence[float]) -> Comparison:
    """One-sided comparison: large values are the interesting ones."""
    null = np.asarray(draws)
    p = (1 + np.count_nonzero(null >= observed - ROUNDING)) / (1 + null.size)
    return Comparison(observed, float(null.mean()), float(null.std(ddof=1)), float(p), null.size)


def mid_ranks(scores: Floats, excluded: Bools) -> Floats:
    """Ranks from 1 within each row of [n, genes], the excluded entries left out (their own rank is void)."""
    lowest = np.where(excluded, -np.inf, scores)
    ranks: Floats = rankdata(lowest, axis=1) - excluded.sum(axis=1, keepdims=True)
    return ranks


def auroc(ranks: Floats, members: Bools, excluded: Bools) -> Floats:
    """AUROC of each row of [n, genes], from ``mid_ranks``; each row needs a member and a non-member."""
    inside = members & ~excluded
    n_in = inside.sum(axis=1)
    n_out = (~excluded).sum(axis=1) - n_in
    rank_sum = (ranks * inside).sum(axis=1)
    area: Floats = (rank_sum - n_in * (n_in + 1) / 2) / (n_in * n_out)
    return area


def bins_of_equal(values: NDArray[np.number], groups: Places, size: int) -> list[Places]:
    """Split places into bins of about ``size`` (or more) neighbours in ``values``, never across ``groups``."""
    order = np.lexsort((values, groups))
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    parts = [part for part in np.split(order, starts) if part.size]
    return [piece for part in parts for piece in np.array_split(part, max(part.size // size, 1))]


def shuffles(bins: list[Places], n_draws: int, seed: Sequence[int]) -> Iterator[Places]:
    """``n_draws`` permutations of all places that move none out of its bin."""
    generator = np.random.default_rng(seed)
    permutation = np.arange(sum(places.size for places in bins))
    for _ in range(n_draws):
        for places in bins:
            permutation[places] = generator.permutation(places)
        yield permutation.copy()
