"""Over-representation of gene sets in gene lists, every list against every set.

1. Overlaps of all lists with all sets are one sparse product, lists [R, G] @ sets^T [G, T].
2. p is the hypergeometric tail P(X >= overlap) of drawing the list from the background of G genes, computed once for
   each distinct (overlap, list size, set size) and looked up. Pairs without a common gene have p = 1 and no row.
3. q is Benjamini-Hochberg over all R * T pairs, those without a row included. Nothing is filtered before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

from tasks.references.gene_sets import Library
from tasks.statistics import benjamini_hochberg

MIN_OVERLAP = 2  # fewer common genes are tested and counted, but never shown as an annotation


@dataclass(frozen=True)
class Enrichment:
    """Pairs of a list and a set with a common gene: m of ``n_tests``, by list.

    ``row`` (of the lists), ``term`` and ``overlap`` int64 [m]; ``p`` float64 [m].
    """

    row: NDArray[np.int64]
    term: NDArray[np.int64]
    overlap: NDArray[np.int64]
    p: NDArray[np.float64]
    n_tests: int

    @property
    def q(self) -> NDArray[np.float64]:
        """Benjamini-Hochberg over all pairs, p = 1 where there is no row: [m]."""
        return benjamini_hochberg(self.p, self.n_tests)


class TailTable:
    """P(X >= overlap) for X hypergeometric in one background; what was computed once is kept."""

    def __init__(self, n_background: int) -> None:
        self._n_background = n_background
        self._known: dict[tuple[int, int, int], float] = {}

    def lookup(
        self, overlap: NDArray[np.int64], list_size: NDArray[np.int64], set_size: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """p of drawing ``list_size`` genes of which ``overlap`` are among the ``set_size`` of a set: all [m]."""
        if not overlap.size:
            return np.empty(0)
        shape = (int(overlap.max()) + 1, int(list_size.max()) + 1, int(set_size.max()) + 1)
        key = np.ravel_multi_index((overlap, list_size, set_size), shape)
        distinct = np.flatnonzero(np.bincount(key))
        triples = list(zip(*(axis.tolist() for axis in np.unravel_index(distinct, shape)), strict=True))
        self._compute([triple for triple in triples if triple not in self._known])
        table = np.empty(distinct[-1] + 1)
        table[distinct] = [self._known[triple] for triple in triples]
        return table[key]

    def _compute(self, triples: list[tuple[int, int, int]]) -> None:
        x, drawn, good = np.array(triples, dtype=np.int64).reshape(-1, 3).T
        p = hypergeom.sf(x - 1, self._n_background, good, drawn)
        self._known.update(zip(triples, p.tolist(), strict=True))


def enrich(lists: csr_matrix, library: Library, tails: TailTable) -> Enrichment:
    """Test binary ``lists`` [R, G] against a library over the same G genes, the background of ``tails``."""
    product = (lists @ library.members.T).tocsr()
    row = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    term, overlap = product.indices.astype(np.int64), product.data.astype(np.int64)
    p = tails.lookup(overlap, np.diff(lists.indptr)[row], np.diff(library.members.indptr)[term])
    return Enrichment(row, term, overlap, p, product.shape[0] * product.shape[1])


def annotated(tests: Enrichment, n_lists: int, alpha: float) -> NDArray[np.bool_]:
    """Which lists have a set with q <= alpha and at least MIN_OVERLAP common genes: [n_lists].

    p above alpha cannot be rejected, nor help another to be, so only the smaller ones are sorted.
    """
    low = tests.p <= alpha
    rejected = benjamini_hochberg(tests.p[low], tests.n_tests) <= alpha
    found = np.zeros(n_lists, dtype=bool)
    found[tests.row[low][rejected & (tests.overlap[low] >= MIN_OVERLAP)]] = True
    return found
