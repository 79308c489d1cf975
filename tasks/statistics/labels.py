"""Labels permuted within strata, or over whole units: does what is measured depend on the label?

1. Rows are exchangeable within a stratum (a donor, a batch, a bin of depth): their labels are permuted there alone.
2. A label that is constant in a unit (the age of a donor) is permuted over units, within strata of units; all rows of
   a unit keep one label. Permuted over rows it would claim as many replicates as there are rows.
3. There are prod_s G_s! / prod_k G_sk! arrangements of strata s and labels k. They are enumerated if ``n_draws`` allow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from tasks.statistics.null_draws import NullDraws
from tasks.statistics.within import exchanged

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDING = 1e-12  # of the sum of distances from the means: what is smaller is 0
CHUNK = 256  # arrangements that a statistic sees at once


@dataclass(frozen=True)
class Arrangements:
    """``labels`` [B, n] under the null; ``exact`` if these are all there are, each once."""

    labels: Ints
    exact: bool


def n_arrangements(labels: Ints, strata: Ints) -> int:
    """Step 3's number."""
    return prod(
        factorial(len(own)) // prod(factorial(int(count)) for count in np.unique(own, return_counts=True)[1])
        for own in (labels[strata == one] for one in np.unique(strata))
    )


def arrange(
    labels: Ints, n_draws: int, seed: list[int], *, strata: Ints | None = None, units: Ints | None = None
) -> Arrangements:
    """Arrangements of ``labels`` [n] within ``strata`` [n], of whole ``units`` [n] if given.

    Raises ValueError if a unit has several labels or lies in several strata.
    """
    stratum = np.zeros_like(labels) if strata is None else strata
    if units is None:
        return _arrange(labels, stratum, n_draws, seed)
    _, first, unit = np.unique(units, return_index=True, return_inverse=True)
    for name, of_row in (("label", labels), ("stratum", stratum)):
        if (of_row != of_row[first][unit]).any():
            raise ValueError(
                f"a unit has more than one {name}: permute within units, or compare them by paired effects"
            )
    found = _arrange(labels[first], stratum[first], n_draws, seed)
    return Arrangements(found.labels[:, unit], found.exact)


def permute_labels(statistic: Callable[[Ints], Floats], labels: Ints, arrangements: Arrangements) -> NullDraws:
    """A statistic of the labels beside its values under the null.

    ``statistic`` takes labels [b, n] and returns [b, T], a row an arrangement.
    """
    chunks = range(0, len(arrangements.labels), CHUNK)
    values = [statistic(arrangements.labels[first : first + CHUNK]) for first in chunks]
    return NullDraws(statistic(labels[None])[0], np.concatenate(values), arrangements.exact)


def difference_of_means(values: Floats, label: int, strata: Ints | None = None) -> Callable[[Ints], Floats]:
    """The statistic mean(values | label) - mean(values | others) of ``values`` [n, T].

    With ``strata`` [n] the differences within strata are averaged, each with weight n_in n_out / n.
    """
    table = values[:, None] if values.ndim == 1 else values
    stratum = np.zeros(len(table), dtype=np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    size = np.bincount(stratum).astype(np.float64)
    total = np.stack([np.bincount(stratum, column) for column in table.T.astype(np.float64)], axis=1)
    centred = table - (total / size[:, None])[stratum]
    of_stratum = np.eye(len(size))[stratum]

    def statistic(labels: Ints) -> Floats:
        inside = (labels == label).astype(np.float64)
        n_in = inside @ of_stratum
        weight = (n_in * (size - n_in) / size).sum(1, keepdims=True)
        sums = inside @ centred
        sums[np.abs(sums) < ROUNDING * np.abs(centred).sum(0)] = 0.0
        found: Floats = np.divide(sums, weight, out=np.full(sums.shape, np.nan), where=weight > 0)
        return found

    return statistic


def _arrange(labels: Ints, strata: Ints, n_draws: int, seed: list[int]) -> Arrangements:
    places = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    if n_arrangements(labels, strata) <= n_draws:
        parts = [list(_distinct(labels[own])) for own in places]
        found = np.empty((prod(map(len, parts)), len(labels)), dtype=np.int64)
        for row, choice in zip(found, product(*parts), strict=True):
            for own, part in zip(places, choice, strict=True):
                row[own] = part
        return Arrangements(found, exact=True)
    return Arrangements(exchanged(labels.astype(np.int64), strata, n_draws, np.random.default_rng(seed)), exact=False)


def _distinct(labels: Ints) -> Iterator[list[int]]:
    """Every different order of the labels, in ascending order."""
    values, counts = np.unique(labels, return_counts=True)
    left = dict(zip(values.tolist(), counts.tolist(), strict=True))

    def extend(so_far: list[int]) -> Iterator[list[int]]:
        if len(so_far) == len(labels):
            yield list(so_far)
        for value, count in list(left.items()):
            if count:
                left[value] -= 1
                yield from extend([*so_far, value])
                left[value] += 1

    return extend([])
