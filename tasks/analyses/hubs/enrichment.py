"""Are the k features with most edges annotated more often than others?

1. ``fisher``: Fisher's exact test, two-sided, of the top k against all others.
2. ``matched``: features are cut into blocks of neighbouring frequency; annotation is permuted within blocks.
   p = (1 + #{|x - mean| as large}) / (1 + B), x the annotated among the top k and mean its exact expectation.
   Where all features of a block are hubs, nothing moves: such hubs say nothing, and the test knows it.
3. ``neighbours`` (published): every hub is replaced by one of the 25 features outside the top that are nearest in log
   frequency. The most frequent features are hubs, so their neighbours fire less often than they do, all on one side:
   what is drawn is no match. p = 2 min(P(null <= x), P(null >= x)), without the observed value.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from tasks.statistics.matching import matched_neighbours
from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
NEIGHBOURS = 25
AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Tested:
    """``observed`` share of the top that is annotated, beside the ``expected`` one and its sd; statistic and p."""

    observed: float
    expected: float | None
    sd: float | None
    odds_ratio: float | None
    p: float


def largest(values: Floats, k: int) -> Ints:
    """The ``k`` items of largest value, ties by number."""
    return np.argsort(-values, kind="stable")[:k]


def fisher(annotated: Mask, top: Ints) -> Tested:
    """Step 1. The odds ratio is None where infinite."""
    inside, total = int(annotated[top].sum()), int(annotated.sum())
    k, n = top.size, annotated.size
    table = [[inside, k - inside], [total - inside, n - k - (total - inside)]]
    odds, p = fisher_exact(table)
    return Tested(inside / k, (total - inside) / (n - k), None, float(odds) if np.isfinite(odds) else None, float(p))


def blocks_of(frequency: Floats, size: int) -> Ints:
    """The block of every feature: ``size`` neighbours in frequency, ties in order; the last one may be larger."""
    n_blocks = max(1, frequency.size // size)
    rank = np.empty(frequency.size, dtype=np.int64)
    rank[np.argsort(frequency, kind="stable")] = np.arange(frequency.size)
    return np.minimum(rank // size, n_blocks - 1)


def block_means(annotated: Mask, blocks: Ints) -> Floats:
    """Share of annotated features in the block of each feature [n]."""
    share = np.bincount(blocks, annotated) / np.bincount(blocks)
    means: Floats = share[blocks]
    return means


def permuted_shares(annotated: Mask, top: Ints, blocks: Ints, n_draws: int, seed: list[int]) -> Floats:
    """Share of ``top`` that is annotated once annotation is permuted within blocks: [n_draws].

    Only how many hubs and how many annotated features a block has matters: a hypergeometric number each.
    """
    rng = np.random.default_rng(seed)
    size, inside = np.bincount(blocks), np.bincount(blocks[top], minlength=blocks.max() + 1)
    marked = np.bincount(blocks, annotated).astype(np.int64)
    used = np.flatnonzero(inside)
    total = np.zeros(n_draws)
    for one in used:
        total += rng.hypergeometric(marked[one], size[one] - marked[one], inside[one], n_draws)
    return total / top.size


def matched(annotated: Mask, top: Ints, blocks: Ints, n_draws: int, seed: list[int]) -> Tested:
    """Step 2."""
    expected = float(block_means(annotated, blocks)[top].mean())
    drawn, observed = permuted_shares(annotated, top, blocks, n_draws, seed), float(annotated[top].mean())
    draws = NullDraws(np.array([observed - expected]), (drawn - expected)[:, None])
    return Tested(observed, expected, float(drawn.std(ddof=1)), None, float(draws.p("two-sided")[0]))


def neighbours(annotated: Mask, top: Ints, frequency: Floats, n_draws: int, seed: list[int]) -> Tested | None:
    """Step 3; None if there are fewer than NEIGHBOURS other features."""
    pool = np.setdiff1d(np.arange(annotated.size), top)
    if pool.size < NEIGHBOURS:
        return None
    drawn = matched_neighbours(top, pool, np.log10(frequency), n_draws, seed, k=NEIGHBOURS, replace=True)
    share, observed = annotated[drawn].mean(axis=1), float(annotated[top].mean())
    p = min(1.0, 2 * min(float(np.mean(share <= observed)), float(np.mean(share >= observed))))
    return Tested(observed, float(share.mean()), float(share.std(ddof=1)), None, p)
