"""How surprising an overlap of a gene list with a gene set is: P(X >= overlap) under one of two nulls.

``EvenTails``: every gene of the background is as likely to be listed as another (the hypergeometric law, Fisher's
exact test). ``MatchedTails``: genes are listed as often as they are in the lists themselves (``statistics.listing``).
"""

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

from tasks.statistics.listing import SetLaws, listing_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Tails(Protocol):
    """P-values and expectations of pairs of a list, of which only the length matters, and a set: all [m]."""

    def lookup(self, overlap: Ints, length: Ints, term: Ints) -> Floats:
        """P(X >= overlap) in a list of ``length`` genes for the sets ``term``."""

    def expected(self, length: Ints, term: Ints) -> Floats:
        """The number of common genes to be expected."""


class EvenTails:
    """The hypergeometric law for the sets ``members`` [T, G]; what was computed once is kept.

    The published atlases take the background for a number: ``n_background`` genes, in place of the G that there are,
    hold ``sizes`` [T] genes of the sets, whichever these are. Where that is more than all, all are in the set.
    """

    def __init__(self, members: csr_matrix, *, sizes: Ints | None = None, n_background: int | None = None) -> None:
        self._n_background = members.shape[1] if n_background is None else n_background
        self._size = np.minimum(np.diff(members.indptr) if sizes is None else sizes, self._n_background).astype(
            np.int64
        )
        self._known: dict[tuple[int, int, int], float] = {}

    def lookup(self, overlap: Ints, length: Ints, term: Ints) -> Floats:
        """As in ``Tails``."""
        if not overlap.size:
            return np.empty(0)
        set_size = self._size[term]
        shape = (int(overlap.max()) + 1, int(length.max()) + 1, int(set_size.max()) + 1)
        key = np.ravel_multi_index((overlap, length, set_size), shape)
        distinct = np.flatnonzero(np.bincount(key))
        triples = list(zip(*(axis.tolist() for axis in np.unravel_index(distinct, shape)), strict=True))
        self._compute([triple for triple in triples if triple not in self._known])
        table = np.empty(distinct[-1] + 1)
        table[distinct] = [self._known[triple] for triple in triples]
        return table[key]

    def expected(self, length: Ints, term: Ints) -> Floats:
        """As in ``Tails``."""
        expected: Floats = length * self._size[term] / self._n_background
        return expected

    def _compute(self, triples: list[tuple[int, int, int]]) -> None:
        x, drawn, good = np.array(triples, dtype=np.int64).reshape(-1, 3).T
        p = hypergeom.sf(x - 1, self._n_background, good, drawn)
        self._known.update(zip(triples, p.tolist(), strict=True))


class MatchedTails:
    """The law of sets ``members`` [T, G] in lists that hold genes as often as ``lists`` [R, G] do."""

    def __init__(self, members: csr_matrix, lists: csr_matrix) -> None:
        sizes = np.diff(lists.indptr).astype(np.int64)
        times = np.asarray(lists.sum(axis=0), dtype=np.int64).ravel()
        self._laws = SetLaws(listing_weights(sizes, times), members, int(sizes.max(initial=0)))

    def lookup(self, overlap: Ints, length: Ints, term: Ints) -> Floats:
        """As in ``Tails``, for no longer lists than the longest of those given."""
        p = np.empty(len(overlap))
        for own, one in _by_value(length):
            p[own] = self._laws.tails(one)[overlap[own], term[own]]
        return p

    def expected(self, length: Ints, term: Ints) -> Floats:
        """As in ``Tails``."""
        expected = np.empty(len(length))
        for own, one in _by_value(length):
            expected[own] = self._laws.means(one)[term[own]]
        return expected


def tails_of(members: csr_matrix, lists: csr_matrix, listed: Literal["by_frequency", "evenly"]) -> Tails:
    """The null of sets ``members`` [T, G] in lists like ``lists`` [R, G], by the word of ``describe.listed``."""
    return EvenTails(members) if listed == "evenly" else MatchedTails(members, lists)


def _by_value(values: Ints) -> list[tuple[Ints, int]]:
    """Places of each distinct value, and the value."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-1))
    return [(own, int(values[own[0]])) for own in np.split(order, starts[1:]) if own.size]
