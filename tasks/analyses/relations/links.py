"""Which domains are known to belong together: by their genes, by edges between their genes, and by ancestry.

A domain is a gene set, cut to the genes that features could list; G genes are in a set of the study's libraries at all.

1. Shared genes: P(X >= shared) if as many genes as one set has were drawn from the G (the hypergeometric law; it knows
   how large both sets are, which a count of three genes does not). Genes in many sets are shared more often than that:
   links that are too many make fewer pairs novel, not more.
2. Network edges between the genes of one set alone and those of the other alone, in either direction, beside those that
   the genes' degrees give (``ensemble``): P(N >= edges) for a Poisson number of that mean, which is no smaller than
   that of a sum of independent edges (Hoeffding 1956). Of several networks the one with the smallest p counts.
3. q is Benjamini-Hochberg over all pairs of different domains, and for edges over all networks.
4. ``published``: three shared genes or more, however large the sets.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import poisson

from tasks.analyses.networks.graphs import Graph
from tasks.analyses.relations.ensemble import expected, joined
from tasks.references.enrichment import enrich
from tasks.references.tails import EvenTails
from tasks.statistics.fdr import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PUBLISHED_GENES = 3


@dataclass(frozen=True)
class SharedGenes:
    """Of all domains [D, D]: genes ``shared``, those to ``expect``, p and q; 0, 0, 1, 1 on the diagonal."""

    shared: Ints
    expect: Floats
    p: Floats
    q: Floats

    @property
    def published(self) -> NDArray[np.bool_]:
        """Step 4."""
        return self.shared >= PUBLISHED_GENES


@dataclass(frozen=True)
class JoinedGenes:
    """Edges between the genes of every two domains [D, D], those to ``expect``, p, q, and the number of the network."""

    n_edges: Floats
    expect: Floats
    p: Floats
    q: Floats
    network: Ints


def shared_genes(members: csr_matrix) -> SharedGenes:
    """Step 1, of binary ``members`` [D, G]."""
    n_domains = members.shape[0]
    tests = enrich(members, members, EvenTails(members))
    upper = tests.row < tests.term
    row, term = tests.row[upper], tests.term[upper]
    size = np.diff(members.indptr).astype(np.float64)
    expect = np.outer(size, size) / max(members.shape[1], 1)
    np.fill_diagonal(expect, 0.0)
    q = benjamini_hochberg(tests.p[upper], n_domains * (n_domains - 1) // 2)
    return SharedGenes(
        _symmetric(n_domains, row, term, tests.overlap[upper], 0).astype(np.int64),
        expect,
        _symmetric(n_domains, row, term, tests.p[upper], 1.0),
        _symmetric(n_domains, row, term, q, 1.0),
    )


def joined_genes(members: csr_matrix, shared: Ints, networks: Sequence[Graph]) -> JoinedGenes | None:
    """Step 2; None without a network. ``shared`` [D, D]: how many genes two sets share."""
    if not networks:
        return None
    counts = [_between(members, shared, joined(one)) for one in networks]
    expects = [_between(members, shared, expected(one)) for one in networks]
    n_domains = members.shape[0]
    upper = np.triu_indices(n_domains, 1)
    p = np.stack([poisson.sf(n[upper] - 1, mean[upper]) for n, mean in zip(counts, expects, strict=True)])
    p = np.where(np.isnan(p), 1.0, p)
    q, best = benjamini_hochberg(p), p.argmin(axis=0)
    column = np.arange(best.size)

    def chosen(values: Floats, otherwise: float) -> Floats:
        return _symmetric(n_domains, *upper, values[best, column], otherwise)

    return JoinedGenes(
        chosen(np.stack([n[upper] for n in counts]), 0.0),
        chosen(np.stack([mean[upper] for mean in expects]), 0.0),
        chosen(p, 1.0),
        chosen(q, 1.0),
        chosen(np.broadcast_to(np.arange(len(networks), dtype=np.float64)[:, None], p.shape), 0.0).astype(np.int64),
    )


def _between(members: csr_matrix, shared: Ints, weight: Floats) -> Floats:
    """Sum of a symmetric ``weight`` [G, G] over genes of one set alone and genes of the other alone: [D, D]."""
    onto = np.asarray(members @ weight)
    total = np.asarray(members @ onto.T).T
    genes = np.split(members.indices, members.indptr[1:-1])
    for first, second in np.argwhere(np.triu(shared > 0, 1)).tolist():
        a, b = (np.setdiff1d(genes[one], genes[other]) for one, other in ((first, second), (second, first)))
        total[first, second] = total[second, first] = weight[np.ix_(a, b)].sum()
    return total


def _symmetric(size: int, row: Ints, column: Ints, values: NDArray[np.number], otherwise: float) -> Floats:
    found = np.full((size, size), otherwise)
    found[row, column] = found[column, row] = values
    return found
