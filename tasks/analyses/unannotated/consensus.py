"""Genes that the members of a cluster share, and the gene sets over-represented among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.enrichment import MIN_OVERLAP, enrich, family_q
from tasks.references.gene_sets import Library
from tasks.references.tails import MatchedTails

LEAST_MEMBERS, SHARE = 2, 0.3  # of the members that list a consensus gene
KEPT = 20

Term = tuple[str, str, float] | None


@dataclass(frozen=True)
class Consensus:
    """Columns of the genes that several members list, commonest first, and how many there are before the cut."""

    genes: list[int]
    n_genes: int
    n_unique: int


def consensus_genes(lists: csr_matrix, members: Sequence[int]) -> Consensus:
    """The consensus of some rows of binary ``lists`` [U, G]: genes of at least max(2, 30 %) of them, ties by column."""
    times = np.asarray(lists[list(members)].sum(axis=0)).ravel()
    common = np.flatnonzero(times >= max(LEAST_MEMBERS, ceil(SHARE * len(members) - 1e-9)))
    ranked = common[np.argsort(-times[common], kind="stable")]
    return Consensus(ranked[:KEPT].tolist(), len(common), int((times > 0).sum()))


def best_terms(
    lists: csr_matrix, consensus: Sequence[Consensus], libraries: Sequence[Library], alpha: float
) -> list[Term]:
    """Library, term and q of each cluster's best gene set, or None; q over all clusters and sets of all libraries.

    The null holds genes as often as ``lists`` [U, G] do.
    """
    longest = int(np.diff(lists.indptr).max(initial=0))
    cut = [own.genes[:longest] for own in consensus]
    rows = np.repeat(np.arange(len(cut)), [len(own) for own in cut])
    columns = np.array([gene for own in cut for gene in own], dtype=np.int64)
    genes = csr_matrix((np.ones(rows.size, dtype=np.int32), (rows, columns)), shape=(len(cut), lists.shape[1]))
    tests = [enrich(genes, library.members, MatchedTails(library.members, lists)) for library in libraries]
    best: list[Term] = [None] * len(cut)
    lowest: NDArray[np.float64] = np.full(len(cut), np.inf)
    for library, found, q in zip(libraries, tests, family_q(tests), strict=True):
        shown = np.flatnonzero((q <= alpha) & (found.overlap >= MIN_OVERLAP))
        for place in shown[np.lexsort((found.term[shown], found.p[shown]))]:
            row = int(found.row[place])
            if found.p[place] < lowest[row]:
                lowest[row] = found.p[place]
                best[row] = (library.name, library.terms[found.term[place]], float(q[place]))
    return best
