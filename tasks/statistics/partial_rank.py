"""Spearman's correlation of two variables given covariates.

1. All variables are turned into ranks, ties sharing the mean of theirs.
2. A least-squares line in the ranks of the covariates (and a constant) is taken off the ranks of x and of y.
3. rho is the Pearson correlation of what is left, and t = rho sqrt(v / (1 - rho^2)) is compared with Student's t of
   v = n - 2 - k degrees of freedom, k the rank of the centred covariates (0 without any).
4. Permutation (Freedman & Lane 1983): what is left of x is permuted, within strata if there are any, and freed of the
   covariates anew. Unlike a permutation of x itself, this keeps what x and the covariates share.

Ranks are straightened by lines in ranks only: a covariate that acts through a curve (a U) is not taken off. Give its
square or bins of it as further covariates then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, t

from tasks.statistics.null_draws import NullDraws
from tasks.statistics.within import exchanged

Floats = NDArray[np.float64]
CHUNK = 256  # permutations at once
NOTHING = 1e-10  # share of a variable's spread below which nothing but rounding is left of it


@dataclass(frozen=True)
class PartialRank:
    """rho in [-1, 1], two-sided p, n items, and the degrees of freedom of step 3."""

    rho: float
    p: float
    n: int
    freedom: int


def partial_spearman(x: Floats, y: Floats, covariates: Floats | None = None) -> PartialRank:
    """Of ``x`` [n] and ``y`` [n] given ``covariates`` [n, K]; rho and p are NaN if the covariates leave nothing.

    Raises ValueError if a value is not finite, or if fewer than one degree of freedom is left.
    """
    basis, freedom = _basis(covariates, len(x))
    left_x, left_y = (_left(_ranks(one), basis) for one in (x, y))
    rho = _correlation(left_x[None], left_y)[0]
    with np.errstate(divide="ignore"):
        statistic = rho * np.sqrt(freedom / np.maximum(1 - rho**2, 0.0))
    return PartialRank(float(rho), float(2 * t.sf(np.abs(statistic), freedom)), len(x), freedom)


def partial_spearmans(x: Floats, ys: Floats, covariates: Floats | None = None) -> Floats:
    """rho [B] of ``x`` [n] with every row of ``ys`` [B, n], as ``partial_spearman`` has it of one."""
    basis, _ = _basis(covariates, len(x))
    left_x = _left(_ranks(x), basis)
    parts = [_left(_ranks(ys[first : first + CHUNK].T), basis).T for first in range(0, len(ys), CHUNK)]
    return np.concatenate([_correlation(part, left_x) for part in parts])


def permute_partial_spearman(
    x: Floats,
    y: Floats,
    covariates: Floats | None = None,
    *,
    n_draws: int,
    seed: list[int],
    strata: NDArray[np.int64] | None = None,
) -> NullDraws:
    """rho [1] beside its values in ``n_draws`` permutations within ``strata`` [n] (step 4)."""
    basis, _ = _basis(covariates, len(x))
    left_x, left_y = (_left(_ranks(one), basis) for one in (x, y))
    rng = np.random.default_rng(seed)
    stratum = np.zeros(len(x), dtype=np.int64) if strata is None else strata
    values = []
    for first in range(0, n_draws, CHUNK):
        drawn = exchanged(left_x, stratum, min(CHUNK, n_draws - first), rng)
        values.append(_correlation(_left(drawn.T, basis).T, left_y))
    return NullDraws(_correlation(left_x[None], left_y), np.concatenate(values)[:, None])


def _ranks(values: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise ValueError("values to rank must be finite")
    ranks: Floats = rankdata(values, axis=0).astype(np.float64)
    return ranks


def _basis(covariates: Floats | None, n: int) -> tuple[Floats, int]:
    """Orthonormal columns [n, 1 + k] of a constant and the covariates' ranks, and the degrees of freedom left."""
    columns = np.ones((n, 1)) / np.sqrt(n)
    if covariates is not None:
        ranks = _ranks(covariates.reshape(n, -1))
        u, size, _ = np.linalg.svd(ranks - ranks.mean(0), full_matrices=False)
        columns = np.hstack([columns, u[:, size > NOTHING * max(size.max(initial=0.0), 1.0)]])
    freedom = n - 1 - columns.shape[1]
    if freedom < 1:
        raise ValueError(f"{n} items are too few for a correlation given {columns.shape[1] - 1} covariates")
    return columns, freedom


def _left(values: Floats, basis: Floats) -> Floats:
    """What the basis [n, b] leaves of ``values`` [n] or [n, m]; exactly 0 if only rounding."""
    left: Floats = values - basis @ (basis.T @ values)
    spread = np.linalg.norm(values - values.mean(0), axis=0)
    return np.where(np.linalg.norm(left, axis=0) > NOTHING * spread, left, 0.0)


def _correlation(x: Floats, y: Floats) -> Floats:
    """Of every row of ``x`` [m, n] with ``y`` [n], all with mean 0; NaN where either does not vary."""
    scale = np.linalg.norm(x, axis=1) * np.linalg.norm(y)
    found: Floats = np.clip(np.divide(x @ y, scale, out=np.full(len(x), np.nan), where=scale > 0), -1.0, 1.0)
    return found
