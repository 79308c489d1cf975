"""Where features fire and where two fire together: counts by stratum, and by pair, of one layer or of two.

Pairs are counted row by row. The firings of feature i name positions; the features that fire there, position after
position, are row i of a sparse matrix in which columns repeat, and writing it out densely adds the repeats up. At 32
firings a position that is 32^2 additions of two bytes for each, without sorting or searching.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.codes.reader import Firings
from tasks.store.workers import N_THREADS, ahead, share

Ints = NDArray[np.int64]
MOST_POSITIONS = 2**15  # of a piece: no count of a pair passes 16 bits, and its rows stay in the cache
MOST_FIRINGS = 2**18  # numbered at once: memory that stays in the cache takes half of the time
MOST_PAIRS = 2**21  # of the rows written out at once
NOWHERE = -1


@dataclass(frozen=True)
class _Piece:
    """Firings of the features with a place: ``position`` from 0 and ``column``, int32 [m], by position."""

    position: NDArray[np.int32]
    column: NDArray[np.int32]


@dataclass(frozen=True)
class _Prepared:
    """Two pieces, ready to be counted.

    ``position`` int32 [m] of the first layer's firings, feature after feature, feature i's from ``starts`` [A + 1] on;
    ``fires`` int32 [MOST_POSITIONS, most at a position]: what the second layer fires at each position.
    """

    position: NDArray[np.int32]
    starts: Ints
    fires: NDArray[np.int32]


def places(features: Ints, n_features: int) -> Ints:
    """Column of each of ``n_features`` features among ``features`` [U], NOWHERE for the others."""
    place = np.full(n_features, NOWHERE)
    place[features] = np.arange(features.size)
    return place


def count_by_stratum(codes: Iterable[Firings], place: Ints, stratum: Ints, n_strata: int) -> NDArray[np.uint32]:
    """Firings of every feature with a place in every stratum: [U, S]; ``stratum`` [N] of positions."""
    counts = np.zeros((int(place.max(initial=NOWHERE)) + 1, n_strata), dtype=np.uint32)
    for chunk in codes:
        for low in range(0, chunk.feature.size, MOST_FIRINGS):
            span = slice(low, low + MOST_FIRINGS)
            column = place[chunk.feature[span]]
            kept = column != NOWHERE
            cell = column[kept] * n_strata + stratum[chunk.position[span][kept]]
            np.add.at(counts.reshape(-1), cell, np.uint32(1))
    return counts


def count_both(pairs: Iterable[tuple[Firings, Firings]], first: Ints, second: Ints) -> Ints:
    """Positions at which a feature of one layer and one of another both fire: [A, B].

    ``pairs``: chunks of the same positions of both layers, or a chunk twice for pairs within a layer, where the
    diagonal holds the firings of each feature. ``first`` and ``second`` are ``places`` of their features.
    """
    shape = (int(first.max(initial=NOWHERE)) + 1, int(second.max(initial=NOWHERE)) + 1)
    both = np.zeros(shape, dtype=np.int64)
    pieces = (piece for one, other in pairs for piece in _pieces(one, other, first, second))
    for prepared in ahead(_prepare(left, right, shape) for left, right in pieces):
        _add_rows(both, prepared)
    return both


def _pieces(one: Firings, other: Firings, first: Ints, second: Ints) -> Iterator[tuple[_Piece, _Piece]]:
    """Both chunks, MOST_POSITIONS at a time."""
    if not one.position.size or not other.position.size:
        return
    start, stop = max(one.position[0], other.position[0]), min(one.position[-1], other.position[-1]) + 1
    for low in range(start, stop, MOST_POSITIONS):
        left = _piece(one, first, low)
        yield left, left if other is one and second is first else _piece(other, second, low)


def _piece(chunk: Firings, place: Ints, low: int) -> _Piece:
    span = slice(*np.searchsorted(chunk.position, (low, low + MOST_POSITIONS)))
    column = place[chunk.feature[span]]
    kept = column != NOWHERE
    return _Piece((chunk.position[span][kept] - low).astype(np.int32), column[kept].astype(np.int32))


def _prepare(left: _Piece, right: _Piece, shape: tuple[int, int]) -> _Prepared:
    n_first, n_second = shape
    order = np.argsort(left.column.astype(np.min_scalar_type(n_first)), kind="stable")  # 16 bits sort in linear time
    starts = np.concatenate([[0], np.cumsum(np.bincount(left.column, minlength=n_first))])
    return _Prepared(left.position[order], starts, _padded(right, n_second))


def _add_rows(both: Ints, prepared: _Prepared) -> None:
    """Add the pairs of two pieces, a block of features of the first layer at a time, on all cores."""
    n_second, starts, fires = both.shape[1], prepared.starts, prepared.fires
    bounds = _blocks(starts, MOST_PAIRS // fires.shape[1])
    most = int(np.diff(starts[bounds]).max(initial=0))
    ones = np.ones(fires.shape[1] * most, dtype=np.uint16)

    def add(block: tuple[int, int]) -> None:
        low, high = block
        found = np.take(fires, prepared.position[starts[low] : starts[high]], axis=0).ravel()
        index = ((starts[low : high + 1] - starts[low]) * fires.shape[1]).astype(np.int32)
        rows = csr_matrix((ones[: found.size], found, index), shape=(high - low, n_second + 1))
        both[low:high] += rows.toarray()[:, :n_second]

    share(add, pairwise(bounds), N_THREADS)


def _blocks(starts: Ints, most: int) -> list[int]:
    """Bounds of blocks of features with ``most`` firings each, or one feature with more; ``starts`` [A + 1]."""
    bounds = [0]
    while bounds[-1] < starts.size - 1:
        last = int(np.searchsorted(starts, starts[bounds[-1]] + most, side="right")) - 1
        bounds.append(max(last, bounds[-1] + 1))
    return bounds


def _padded(piece: _Piece, nothing: int) -> NDArray[np.int32]:
    """The columns that fire at each position, filled up with ``nothing``: [MOST_POSITIONS, most at a position]."""
    n = np.bincount(piece.position, minlength=MOST_POSITIONS)
    starts = np.cumsum(n) - n
    rows = np.full((MOST_POSITIONS, max(int(n.max()), 1)), nothing, dtype=np.int32)
    rows[piece.position, np.arange(piece.position.size) - starts[piece.position]] = piece.column
    return rows
