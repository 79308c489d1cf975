"""Over-representation of gene sets in gene lists, every list against every set.

1. Overlaps of all lists with all sets are one sparse product, lists [R, G] @ sets^T [G, T].
2. p is P(X >= overlap) under a null (``tails``). Pairs without a common gene have p = 1 and no row.
3. q is Benjamini-Hochberg over all R * T pairs of all libraries, those without a row included. Nothing is filtered
   before, but by the published rule (``least``), under which random lists come out annotated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.tails import Tails
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


def enrich(lists: csr_matrix, members: csr_matrix, tails: Tails, *, least: int = 0) -> Enrichment:
    """Test binary ``lists`` [R, G] against sets ``members`` [T, G] over the same G genes, those of ``tails``.

    ``least`` above 0 is the published rule: pairs with fewer common genes are no tests, and weigh on no q.
    """
    product = (lists @ members.T).tocsr()
    row = np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
    term, overlap = product.indices.astype(np.int64), product.data.astype(np.int64)
    if least:
        kept = overlap >= least
        row, term, overlap = row[kept], term[kept], overlap[kept]
    p = tails.lookup(overlap, np.diff(lists.indptr)[row].astype(np.int64), term)
    return Enrichment(row, term, overlap, p, row.size if least else product.shape[0] * product.shape[1])


def family_q(libraries: Sequence[Enrichment]) -> list[NDArray[np.float64]]:
    """q of every library's pairs, Benjamini-Hochberg over the pairs of all of them, p = 1 where there is no row."""
    p = np.concatenate([np.empty(0), *(tests.p for tests in libraries)])
    q = benjamini_hochberg(p, sum(tests.n_tests for tests in libraries))
    return np.split(q, np.cumsum([tests.p.size for tests in libraries])[:-1])


def annotated(libraries: Sequence[Enrichment], n_lists: int, alpha: float) -> NDArray[np.bool_]:
    """Which lists have a set with q <= alpha and at least MIN_OVERLAP common genes: [n_libraries, n_lists].

    p above alpha cannot be rejected, nor help another to be, so only the smaller ones are sorted.
    """
    low = [_low(tests, alpha) for tests in libraries]
    found = np.zeros((len(low), n_lists), dtype=bool)
    for own, tests, q in zip(found, low, family_q(low), strict=True):
        own[tests.row[(q <= alpha) & (tests.overlap >= MIN_OVERLAP)]] = True
    return found


def _low(tests: Enrichment, alpha: float) -> Enrichment:
    low = tests.p <= alpha
    return Enrichment(tests.row[low], tests.term[low], tests.overlap[low], tests.p[low], tests.n_tests)
