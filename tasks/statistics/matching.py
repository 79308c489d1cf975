"""Items drawn to be like chosen ones in what they are matched on, so that they differ in nothing but the choice.

1. Bins: covariates are cut at their quantiles and crossed; a draw takes from every bin as many items as were chosen
   there. Nearest neighbours: a draw takes for every chosen item one of the ``k`` items nearest to it, each covariate
   divided by its standard deviation. Nearest pairs: one partner for each, none twice, as near as can be in all.
2. Without replacement no item comes twice in a draw. Different draws are independent.
3. Draws without replacement from all items of a bin, the chosen ones among them, are permutations. Their p is exact
   only if items of a bin are alike: what a covariate does within a bin is not matched, so cut fine bins.
4. A draw is good if it is balanced: on every covariate, the means differ by at most 0.1 standard deviations.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WIDEST_IMBALANCE = 0.1
MOVABLE = 0.9  # least share of the chosen items that must have another in their bin
ENTRIES = 2**20  # items shuffled at once


class CannotMatch(ValueError):
    """Too few items are like the chosen ones."""


def quantile_bins(covariates: Floats, n_bins: int | Sequence[int]) -> Ints:
    """The crossed bin of every item [N], numbered from 0, for covariates [N, K] cut into ``n_bins`` each.

    Equal values share a bin, so there may be fewer of them. Raises ValueError if a covariate is not finite.
    """
    table = _columns(covariates)
    counts = [n_bins] * table.shape[1] if isinstance(n_bins, int) else list(n_bins)
    cells = np.zeros((len(table), table.shape[1]), dtype=np.int64)
    for column, count in enumerate(counts):
        values = table[:, column]
        inner = np.quantile(values, np.arange(1, count) / count, method="inverted_cdf")
        cells[:, column] = np.searchsorted(np.unique(inner), values, side="left")
    return np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def matched_by_bin(
    chosen: Ints, pool: Ints, bins: Ints, n_draws: int, seed: list[int], *, replace: bool = False
) -> Ints:
    """Items [n_draws, n] of ``pool`` [M]; column i lies in the bin of ``chosen[i]`` [n]. ``bins`` [N] of all items.

    Raises CannotMatch if a bin of the pool holds too few items.
    """
    rng = np.random.default_rng(seed)
    drawn = np.empty((n_draws, len(chosen)), dtype=np.int64)
    for one in np.unique(bins[chosen]):
        places, offered = np.flatnonzero(bins[chosen] == one), pool[bins[pool] == one]
        least = 1 if replace else len(places)
        if len(offered) < least:
            raise CannotMatch(
                f"bin {one} holds {len(offered)} items to draw from where {least} are needed: use fewer bins"
            )
        if replace:
            drawn[:, places] = offered[rng.integers(0, len(offered), (n_draws, len(places)))]
            continue
        step = max(1, ENTRIES // len(offered))
        for first in range(0, n_draws, step):
            order = rng.permuted(np.tile(offered, (min(step, n_draws - first), 1)), axis=1)
            drawn[first : first + step, places] = order[:, : len(places)]
    return drawn


def matched_neighbours(
    chosen: Ints, pool: Ints, covariates: Floats, n_draws: int, seed: list[int], *, k: int = 20, replace: bool = False
) -> Ints:
    """Items [n_draws, n] of ``pool`` [M]; column i is one of the ``k`` nearest to ``chosen[i]`` [n] on [N, K].

    Without replacement the chosen items take turns in random order. Raises CannotMatch if all of an item's
    neighbours are taken, or if the pool holds fewer than ``k``.
    """
    if len(pool) < k:
        raise CannotMatch(f"{len(pool)} items to draw from hold no {k} neighbours: use a smaller k")
    table = _columns(covariates)
    sd = table.std(0)
    scaled = table / np.where(sd > 0, sd, 1.0)
    near = pool[cKDTree(scaled[pool]).query(scaled[chosen], k)[1].reshape(len(chosen), k)]
    rng = np.random.default_rng(seed)
    if replace:
        taken: Ints = near[np.arange(len(chosen)), rng.integers(0, k, (n_draws, len(chosen)))]
        return taken
    return np.stack([_take_turns(near, rng) for _ in range(n_draws)])


def nearest_pairs(chosen: Ints, pool: Ints, covariate: Floats) -> Ints:
    """A partner in ``pool`` [M] for each of ``chosen`` [n], none twice, that differ as little as can be: [n].

    The sum of |differences| of ``covariate`` [N] is the least there is (Rosenbaum 1989). Raises CannotMatch if the pool
    holds too few items.
    """
    if len(pool) < len(chosen):
        raise CannotMatch(f"{len(pool)} items to draw from hold no partners of {len(chosen)}: choose fewer")
    value = _columns(covariate)[:, 0]
    rows, columns = linear_sum_assignment(np.abs(value[chosen][:, None] - value[pool]))
    partner: Ints = pool[columns[np.argsort(rows)]]
    return partner


def balance(chosen: Ints, drawn: Ints, covariates: Floats, names: Sequence[str]) -> pl.DataFrame:
    """A row for each covariate [N, K]: both means, how far apart they are, and whether that is little.

    They are compared in standard deviations of the chosen items, or of all items if the chosen ones have none.
    ``drawn`` [B, n] counts over all draws.
    """
    table = _columns(covariates)
    sd, wide = table[chosen].std(0), table.std(0)
    scale = np.where(sd > 0, sd, np.where(wide > 0, wide, 1.0))
    mean, other = table[chosen].mean(0), table[drawn.ravel()].mean(0)
    distance = np.abs(mean - other) / scale
    figures = {"mean_chosen": mean, "mean_drawn": other, "difference_in_sd": distance}
    return pl.DataFrame({"covariate": list(names), **figures, "balanced": distance <= WIDEST_IMBALANCE})


def movable_share(chosen: Ints, pool: Ints, bins: Ints) -> float:
    """Share of the chosen items whose bin offers another item than themselves; NaN if none is chosen."""
    if not len(chosen):
        return float("nan")
    offered = np.bincount(bins[pool], minlength=int(bins.max()) + 1)[bins[chosen]]
    return float(np.mean(offered - np.isin(chosen, pool) > 0))


def finest_bins(chosen: Ints, covariates: Floats, most: int) -> tuple[Ints, float]:
    """Crossed bins [N] of two ``covariates`` [N, 2], and the share of ``chosen`` items whose bin offers another.

    The finest, at most ``most`` by ``most``, that leave MOVABLE of the chosen items another. Where not even two by two
    do, bins of the second covariate alone.
    """
    everyone = np.arange(len(covariates))
    both, second = [(n, n) for n in range(most, 1, -1)], [(1, n) for n in range(most, 0, -1)]
    for cut in both + second:
        bins = quantile_bins(covariates, cut)
        movable = movable_share(chosen, everyone, bins)
        if movable >= MOVABLE:
            break
    return bins, movable


def _take_turns(near: Ints, rng: np.random.Generator) -> Ints:
    """One item of each row of ``near`` [n, k], none twice."""
    taken: set[int] = set()
    found = np.empty(len(near), dtype=np.int64)
    for item in rng.permutation(len(near)):
        free = [int(one) for one in near[item] if int(one) not in taken]
        if not free:
            raise CannotMatch(
                f"all {near.shape[1]} neighbours of a chosen item are taken: use a larger k or replacement"
            )
        found[item] = free[rng.integers(len(free))]
        taken.add(int(found[item]))
    return found


def _columns(covariates: Floats) -> Floats:
    table = np.asarray(covariates, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if not np.isfinite(table).all():
        raise ValueError("covariates to match on must be finite")
    return table
