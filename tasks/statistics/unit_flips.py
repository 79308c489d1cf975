"""Sign flips of whole units: is the mean effect over donors (or cells, guides, batches) other than zero?

A unit is what a replication would sample anew. Its measurements depend on one another, so they keep one sign.

1. The effect of a unit is the mean of its rows; with strata (cell types), the mean of its means by stratum, over those
   strata that every unit has, so that units which differ in composition alone do not differ.
2. T = mean over the G units, each with weight 1, or sum of n_g times its effect over sum of n_g if ``weighted``.
3. Under the null the effect of a unit is as likely +x as -x. All 2^G sign vectors are enumerated if ``n_flips`` allow;
   otherwise they are drawn, the same ones for all tests.
4. Two-sided, G units cannot give a p below 2^(1 - G): six are the least that can reach 0.05.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.null_draws import NullDraws
from tasks.statistics.signs import draw_signs, enumerate_signs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDING = 1e-12  # of the largest T a flip could give: what is smaller is 0


@dataclass(frozen=True)
class UnitEffects:
    """Effects [G, T] of G units; ``n_rows`` [G] of each; ``unit`` [G] as they were named."""

    effects: Floats
    n_rows: Ints
    unit: Ints

    @property
    def effective_units(self) -> float:
        """(sum n)^2 / sum n^2: how many units of equal size weigh on a weighted mean as these do."""
        return float(self.n_rows.sum() ** 2 / np.square(self.n_rows).sum())


def unit_effects(values: Floats, units: Ints, strata: Ints | None = None) -> UnitEffects:
    """Step 1 for ``values`` [n, T], ``units`` [n], ``strata`` [n]. Raises ValueError if no stratum is in all units."""
    named, unit = np.unique(units, return_inverse=True)
    layers, stratum = np.unique(np.zeros_like(units) if strata is None else strata, return_inverse=True)
    shape = (len(named), len(layers))
    cell = unit * len(layers) + stratum
    count = np.bincount(cell, minlength=shape[0] * shape[1])
    sums = np.stack([np.bincount(cell, column, len(count)) for column in _columns(values).T], axis=1)
    common = (count.reshape(shape) > 0).all(0)
    if not common.any():
        raise ValueError("no stratum has rows of every unit: leave units out, or use wider strata")
    kept = np.flatnonzero(np.tile(common, shape[0]))
    means = (sums[kept] / count[kept, None]).reshape(shape[0], int(common.sum()), -1)
    return UnitEffects(means.mean(1), count.reshape(shape)[:, common].sum(1), named)


def paired_effects(values: Floats, side: NDArray[np.bool_], units: Ints, strata: Ints | None = None) -> UnitEffects:
    """Effects of ``side`` [n] true minus false within every unit, for units (and strata) with rows on both sides.

    The two means of a stratum are compared, then strata averaged as in step 1; ``n_rows`` counts both sides.
    Raises ValueError if no unit has both.
    """
    stratum = np.zeros_like(units) if strata is None else strata
    pair = np.unique(np.stack([units, stratum], axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    sizes = np.stack([np.bincount(pair, side == wanted) for wanted in (False, True)])[:, pair]
    both = (sizes > 0).all(0)
    if not both.any():
        raise ValueError("no unit has rows on both sides")
    weight = np.where(side, 1.0, -1.0) * sizes.sum(0) / np.maximum(np.where(side, sizes[1], sizes[0]), 1)
    return unit_effects((_columns(values) * weight[:, None])[both], units[both], stratum[both])


def flip_units(found: UnitEffects, n_flips: int, seed: list[int], *, weighted: bool = False) -> NullDraws:
    """Steps 2 and 3: T of all tests beside its sign flips; p of ``two-sided`` is the usual one."""
    weight = (found.n_rows if weighted else np.ones(len(found.unit))).astype(np.float64)
    parts = found.effects * (weight / weight.sum())[:, None]
    exact = 2 ** len(parts) <= n_flips
    half = enumerate_signs(len(parts)) if exact else draw_signs(len(parts), n_flips, seed)
    values = (np.vstack([half, -half]) if exact else half) @ parts
    floor = ROUNDING * np.abs(parts).sum(0)
    observed = parts.sum(0)
    return NullDraws(
        np.where(np.abs(observed) < floor, 0.0, observed), np.where(np.abs(values) < floor, 0.0, values), exact
    )


def _columns(values: Floats) -> Floats:
    table = np.asarray(values, dtype=np.float64)
    return table[:, None] if table.ndim == 1 else table
