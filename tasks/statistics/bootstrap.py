"""Bootstrap intervals over whole units: what another sample of donors, cells, genes or knock-downs would have given.

1. A draw takes G units with replacement, each with all of its rows; with strata, within each stratum.
2. Percentile interval: the quantiles of the draws.
3. BCa (Efron 1987): quantiles shifted by z0, the normal score of the share of draws below the estimate (plus half of
   the share equal to it), and by the acceleration a = sum d^3 / (6 (sum d^2)^1.5), d the jackknife values by unit
   taken from their mean.

A unit that is drawn twice is in the sample twice. What is *fitted* in the sample (a canonical correlation, a kernel
alignment) profits from copies and must be refitted on held-out units instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Method = Literal["percentile", "bca"]


@dataclass(frozen=True)
class Bootstrap:
    """``estimate`` [T], its ``draws`` [B, T] and its ``jackknife`` values [G, T], a unit left out in each."""

    estimate: Floats
    draws: Floats
    jackknife: Floats

    @property
    def n_units(self) -> int:
        """Units that were drawn."""
        return len(self.jackknife)

    def interval(self, confidence: float = 0.95, method: Method = "bca") -> tuple[Floats, Floats]:
        """Low and high [T]: NaN where a draw is NaN and, by BCa, where all draws lie on one side of the estimate."""
        tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
        levels = np.tile(tails[:, None], len(self.estimate)) if method == "percentile" else self._bca(ndtri(tails))
        low, high = (
            np.array([_quantile(column, level) for column, level in zip(self.draws.T, own, strict=True)])
            for own in levels
        )
        return low, high

    def _bca(self, z: Floats) -> Floats:
        """Levels [2, T]."""
        below = ((self.draws < self.estimate).mean(0) + (self.draws <= self.estimate).mean(0)) / 2
        z0 = ndtri(below)
        d = self.jackknife.mean(0) - self.jackknife
        spread = np.square(d).sum(0) ** 1.5
        a = np.divide((d**3).sum(0), 6 * spread, out=np.zeros(len(z0)), where=spread > 0)
        with np.errstate(invalid="ignore"):
            shifted = z0 + z[:, None]
            return np.asarray(ndtr(z0 + shifted / (1 - a * shifted)), dtype=np.float64)


def bootstrap(
    statistic: Callable[[Ints], Floats], units: Ints, n_draws: int, seed: list[int], strata: Ints | None = None
) -> Bootstrap:
    """Draws of ``units`` [n], the unit of every row; ``strata`` [n] are those of units.

    ``statistic`` takes rows [m] (numbers from 0 to n - 1, those of a unit drawn twice twice over) and returns [T].
    Raises ValueError below two units, or if a unit lies in several strata.
    """
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    if len(first) < 2:
        raise ValueError("a bootstrap needs two units at least")
    stratum = np.zeros_like(units) if strata is None else strata
    if (stratum != stratum[first][unit]).any():
        raise ValueError("a unit lies in more than one stratum")
    rows = np.split(np.argsort(unit, kind="stable"), np.cumsum(np.bincount(unit))[:-1])
    drawn = _draw_units(stratum[first], n_draws, seed)
    everyone = np.arange(len(units))
    values = [statistic(np.concatenate([rows[one] for one in draw])) for draw in drawn]
    without = [statistic(everyone[unit != one]) for one in range(len(first))]
    return Bootstrap(statistic(everyone), np.stack(values), np.stack(without))


def pair_weights(first: Ints, second: Ints, n_draws: int, seed: list[int]) -> Ints:
    """Weights [n_draws, n] of pairs whose two ends are both units, such as a regulator and its target.

    The units of either end are drawn with replacement; a pair weighs how often its first was drawn times its second.
    """
    rng = np.random.default_rng(seed)
    weights = np.ones((n_draws, len(first)), dtype=np.int64)
    for ends in (first, second):
        named, end = np.unique(ends, return_inverse=True)
        weights *= rng.multinomial(len(named), np.full(len(named), 1 / len(named)), size=n_draws)[:, end]
    return weights


def _draw_units(strata: Ints, n_draws: int, seed: list[int]) -> Ints:
    """Units [n_draws, G], drawn within strata [G]."""
    rng = np.random.default_rng(seed)
    drawn = np.empty((n_draws, len(strata)), dtype=np.int64)
    for one in np.unique(strata):
        own = np.flatnonzero(strata == one)
        drawn[:, own] = own[rng.integers(0, len(own), (n_draws, len(own)))]
    return drawn


def _quantile(values: Floats, level: float) -> float:
    return float("nan") if np.isnan(level) or np.isnan(values).any() else float(np.quantile(values, level))
