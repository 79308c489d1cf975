"""Pearson's correlation of the codes of two layers' features over all positions, zeros included.

With S sums over the N positions: r = (S ab - S a S b / N) / sqrt((S aa - (S a)^2 / N) (S bb - (S b)^2 / N)). Each
feature is in one pair at most, so S ab needs no F x F products: a block of positions x pairs holds the codes of one
layer, and those of the other look up what stands at their place.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.codes.reader import CodesReader, Firings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PLACES = 2**21  # positions times pairs held at once


def code_correlations(one: CodesReader, other: CodesReader, first: Ints, second: Ints) -> Floats:
    """r [m] of features ``first`` of ``one`` with ``second`` of ``other``, none of them twice."""
    m = len(first)
    own, both = np.zeros((2, 2, m)), np.zeros(m)  # S a, S aa; S b, S bb; and S ab
    table = np.zeros((max(1, PLACES // max(m, 1)), m))
    places = _places(first, one.n_features), _places(second, other.n_features)
    for left, right in zip(one, other, strict=True) if m else ():
        kept = _of_pairs(left, places[0]), _of_pairs(right, places[1])
        own += np.stack([_moments(firings, m) for firings in kept])
        _add_products(both, *kept, table)
    (a, aa), (b, bb) = own
    n = one.n_positions
    scale = np.sqrt(np.clip(aa - a**2 / n, 0.0, None) * np.clip(bb - b**2 / n, 0.0, None))
    r: Floats = np.divide(both - a * b / n, scale, out=np.zeros(m), where=scale > 0)
    return r.clip(-1.0, 1.0)


def _places(features: Ints, n_features: int) -> Ints:
    """The pair of every feature, -1 where it is in none."""
    place = np.full(n_features, -1, dtype=np.int64)
    place[features] = np.arange(len(features))
    return place


def _of_pairs(chunk: Firings, place: Ints) -> Firings:
    """The firings of features in a pair, numbered by it."""
    pair = place[chunk.feature]
    kept = pair >= 0
    return Firings(chunk.position[kept], pair[kept].astype(np.int32), chunk.value[kept])


def _moments(firings: Firings, m: int) -> Floats:
    """Sums of the codes and of their squares: [2, m]."""
    value = firings.value.astype(np.float64)
    return np.stack([_by_pair(firings, weight, m) for weight in (value, value**2)])


def _by_pair(firings: Firings, weight: NDArray[np.floating], m: int) -> Floats:
    return np.bincount(firings.feature, weights=weight.astype(np.float64), minlength=m).astype(np.float64)


def _add_products(total: Floats, a: Firings, b: Firings, table: Floats) -> None:
    """Add the products of the codes of each pair to ``total`` [m]; ``table`` [rows, m] is all zero before and after."""
    if not (a.position.size and b.position.size):
        return
    rows, m = table.shape
    flat = table.reshape(-1)
    start = min(a.position[0], b.position[0])
    stop = max(a.position[-1], b.position[-1]) + 1
    for low in range(int(start), int(stop), rows):
        mine, theirs = _between(a, low, low + rows), _between(b, low, low + rows)
        place = (mine.position - low) * m + mine.feature
        flat[place] = mine.value
        found = flat[(theirs.position - low) * m + theirs.feature]
        total += _by_pair(theirs, found * theirs.value, m)
        flat[place] = 0.0


def _between(firings: Firings, low: int, high: int) -> Firings:
    own = slice(*np.searchsorted(firings.position, [low, high]))
    return Firings(firings.position[own], firings.feature[own], firings.value[own])
