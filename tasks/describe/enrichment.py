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

from tasks.describe.gene_sets import Library
from tasks.statistics import benjamini_hochberg

MIN_OVERLAP = 2  # fewer common genes are tested and counted, but never shown as an annotation


@dataclass(frozen=True)
class Enrichment:
    """Pairs of a list and a set with a common gene: m of ``n_tests``, by list, then by term.

    ``row`` (of the lists), ``term``, ``overlap``, ``list_size`` and ``set_size`` int64 [m]; ``p`` float64 [m].
    """

    row: NDArray[np.int64]
    term: NDArray[np.int64]
    overlap: NDArray[np.int64]
    list_size: NDArray[np.int64]
    set_size: NDArray[np.int64]
    p: NDArray[np.float64]
    n_tests: int

    @property
    def q(self) -> NDArray[np.float64]:
        """Benjamini-Hochberg over all pairs, p = 1 where there is no row: [m]."""
        return benjamini_hochberg(self.p, self.n_tests)


def enrich(lists: csr_matrix, library: Library) -> Enrichment:
    """Test binary ``lists`` [R, G] against a library over the same G genes."""
    product = (lists @ library.members.T).tocsr()
    product.sort_indices()
    row = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    term, overlap = product.indices.astype(np.int64), product.data.astype(np.int64)
    list_size, set_size = np.diff(lists.indptr)[row], np.diff(library.members.indptr)[term]
    p = tail_probability(overlap, list_size, set_size, lists.shape[1])
    return Enrichment(row, term, overlap, list_size, set_size, p, product.shape[0] * product.shape[1])


def tail_probability(
    overlap: NDArray[np.int64], list_size: NDArray[np.int64], set_size: NDArray[np.int64], n_background: int
) -> NDArray[np.float64]:
    """P(X >= overlap) for X hypergeometric: ``list_size`` genes drawn from ``n_background`` that hold ``set_size``."""
    if not overlap.size:
        return np.empty(0)
    shape = (int(overlap.max()) + 1, int(list_size.max()) + 1, int(set_size.max()) + 1)
    key = np.ravel_multi_index((overlap, list_size, set_size), shape)
    distinct = np.flatnonzero(np.bincount(key, minlength=np.prod(shape)))
    x, drawn, good = np.unravel_index(distinct, shape)
    table = np.empty(np.prod(shape))
    table[distinct] = hypergeom.sf(x - 1, n_background, good, drawn)
    return table[key]


def annotated(tests: Enrichment, n_lists: int, alpha: float) -> NDArray[np.bool_]:
    """Which lists have a set with q <= alpha and at least MIN_OVERLAP common genes: [n_lists].

    p above alpha cannot be rejected, nor help another to be, so only the smaller ones are sorted.
    """
    low = tests.p <= alpha
    rejected = benjamini_hochberg(tests.p[low], tests.n_tests) <= alpha
    found = np.zeros(n_lists, dtype=bool)
    found[tests.row[low][rejected & (tests.overlap[low] >= MIN_OVERLAP)]] = True
    return found
