"""Intervals of gene scores: what another sample of as many cells would have given, in one pass over the firings.

1. A cell c holds gene g at one position (m_c = 1) or not at all (m_c = 0); x_c is the activation of f there, else 0.
   The score is t = S / (n + s) with S = sum x_c, n = sum m_c and shrinkage s: a ratio of sums over C cells.
2. A cell moves it by u_c = (x_c - t m_c) / (n + s), less the mean of that over the cells. The infinitesimal jackknife
   (Jaeckel 1972) gives the variance C / (C - 1) sum u_c^2 that a bootstrap over cells converges to. No cell is visited
   again: x_c m_c = x_c and m_c^2 = m_c, so the sums of x, x^2 and x^3 by (feature, gene) are all that it takes.
3. Where f fires on g in few cells, scores of other samples are skew, and t +- 2 sd misses too often on the upper side.
   Hall's transformation (1992, doi:10.1111/j.2517-6161.1992.tb01876.x) takes the skewness out: with
   k = sum u_c^3 / (sum u_c^2)^1.5 and Student's quantile q at n - 1 degrees of freedom,

       low = t - sd h(q),   high = t - sd h(-q),   h(q) = 3 / k ((1 + k (q - k / 6))^(1/3) - 1).

What is covered is the expected score at this shrinkage and number of cells, of one pair of feature and gene named
beforehand. The first gene of a list is first partly by luck; its interval knows nothing of that.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student

from tasks.codes.axes import NO_GENE, Axes
from tasks.codes.reader import Firings
from tasks.store import RequestError
from tasks.store.memory import require_memory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CONFIDENCE = 0.95
SYMMETRIC = 1e-6  # skewness below which h(q) is q to nine digits
BYTES_A_PAIR = 4


def with_intervals(
    genes: pl.DataFrame, firings: Iterable[Firings], axes: Axes, n_features: int, shrinkage: float
) -> pl.DataFrame:
    """Rows of ``genes_by_both_rules`` with score_low, score_high and n_cells in place of the gene's number."""
    count = genes["gene_count"].to_numpy()
    squares, cubes = power_sums(firings, axes, n_features, genes["feature"].to_numpy(), genes["gene"].to_numpy())
    sums = (genes["score"].to_numpy() * (count + shrinkage), squares, cubes)
    low, high = score_intervals(sums, count, axes.cell_id.size, shrinkage)
    return genes.with_columns(
        score_low=pl.Series(low).fill_nan(None), score_high=pl.Series(high).fill_nan(None), n_cells="fire_count"
    ).drop("gene")


def power_sums(
    firings: Iterable[Firings], axes: Axes, n_features: int, feature: Ints, gene: Ints
) -> tuple[Floats, Floats]:
    """Squares and cubes of the activations of ``feature`` [R] on ``gene`` [R], summed over cells: [R] each.

    Raises RequestError if some cell holds a gene twice, or the memory cannot hold a number for each (feature, gene).
    """
    shape = (n_features, len(axes.gene_id) + 1)  # the last column is where NO_GENE, -1, leads
    require_memory(BYTES_A_PAIR * shape[0] * shape[1], "finding the genes of each feature", "lower sae.expansion")
    _require_single(axes)
    place = np.full(shape, -1, dtype=np.int32)
    place[feature, gene] = np.arange(feature.size)
    squares, cubes = np.zeros(feature.size), np.zeros(feature.size)
    for chunk in firings:
        row = place[chunk.feature, axes.gene[chunk.position]]
        kept = np.flatnonzero(row >= 0)
        row, value = row[kept], chunk.value[kept].astype(np.float64)
        square = value * value
        squares += np.bincount(row, weights=square, minlength=feature.size)
        cubes += np.bincount(row, weights=square * value, minlength=feature.size)
    return squares, cubes


def score_intervals(
    sums: tuple[Floats, Floats, Floats], gene_count: Ints, n_cells: int, shrinkage: float
) -> tuple[Floats, Floats]:
    """Low and high of scores [R], NaN where fewer than two cells hold the gene; ``sums`` [R] of x, x^2 and x^3."""
    first, second, third = sums
    n, c = gene_count.astype(np.float64), float(n_cells)
    t = first / (n + shrinkage)
    total = (first - t * n) / (n + shrinkage)
    square = (second - 2 * t * first + t**2 * n) / (n + shrinkage) ** 2
    cube = (third - 3 * t * second + 3 * t**2 * first - t**3 * n) / (n + shrinkage) ** 3
    spread = np.maximum(square - total**2 / c, 0.0)
    third_moment = cube - 3 * total * square / c + 2 * total**3 / c**2
    k = np.divide(third_moment, spread**1.5, out=np.zeros_like(t), where=spread > 0)
    sd = np.sqrt(spread * c / max(c - 1, 1.0))
    q = student.ppf((1 + CONFIDENCE) / 2, np.maximum(n - 1, 1))
    low, high = np.maximum(t - sd * _unskewed(q, k), 0.0), t - sd * _unskewed(-q, k)
    unknown = gene_count < 2
    return np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)


def _unskewed(q: Floats, k: Floats) -> Floats:
    """h(q) of the formula above, its limit q where there is no skewness."""
    straight = np.abs(k) < SYMMETRIC
    safe = np.where(straight, 1.0, k)
    return np.where(straight, q, 3 / safe * (np.cbrt(1 + safe * (q - safe / 6)) - 1))


def _require_single(axes: Axes) -> None:
    """Raise RequestError unless every cell holds each gene once at most: a cell would count as several."""
    known = axes.gene != NO_GENE
    pair = np.sort(axes.cell[known] * np.int64(len(axes.gene_id)) + axes.gene[known])
    twice = np.flatnonzero(pair[1:] == pair[:-1])
    if twice.size:
        cell, gene = divmod(int(pair[twice[0]]), len(axes.gene_id))
        raise RequestError(
            f"cell {axes.cell_id[cell]} holds gene {axes.symbol[gene]} at two positions, so cells cannot be told "
            "apart by them: tokenise the cells again, each gene once"
        )
