"""Random gene lists to hold the real ones against.

1. A gene's weight is the number of real lists that hold it.
2. A random list has the size of a real one; its genes are drawn without replacement, each draw proportional to the
   weights of the genes left. The n smallest of e / weight, e standard exponential, are such a draw
   (Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir").
3. Each round draws one list for every real one and counts how many come out annotated.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.enrichment import annotated, enrich
from tasks.references.gene_sets import Library
from tasks.references.tails import Tails


def random_lists(lists: csr_matrix, rng: np.random.Generator) -> csr_matrix:
    """Lists of the same sizes whose genes are drawn by how often they occur in ``lists`` (binary [R, G])."""
    sizes = np.diff(lists.indptr)
    weight = np.asarray(lists.getnnz(axis=0), dtype=np.float32)
    gene = np.flatnonzero(weight)
    keys = rng.standard_exponential((sizes.size, gene.size), dtype=np.float32) / weight[gene]
    longest = min(int(sizes.max(initial=0)), gene.size)
    first = np.argpartition(keys, longest - 1, axis=1)[:, :longest] if longest else np.empty((sizes.size, 0), int)
    order = np.argsort(np.take_along_axis(keys, first, axis=1), axis=1, kind="stable")
    chosen = gene[np.take_along_axis(first, order, axis=1)]
    indices = chosen[np.arange(longest) < sizes[:, None]]
    return csr_matrix((np.ones(indices.size, dtype=np.int32), indices, lists.indptr), shape=lists.shape)


def null_fractions(
    lists: csr_matrix,
    libraries: Sequence[Library],
    tails: Sequence[Tails],
    alpha: float,
    draws: int,
    seed: int,
    *,
    least: int = 0,
) -> NDArray[np.float64]:
    """Annotated fraction of random lists: [draws, n_libraries + 1], the last column for any library.

    ``tails``: the null of each library, and ``least``, as the real lists are tested.
    """
    rng, n_lists = np.random.default_rng(seed), lists.shape[0]
    counts = np.zeros((draws, len(libraries) + 1))
    for draw in range(draws):
        drawn = random_lists(lists, rng)
        tests = [enrich(drawn, one.members, null, least=least) for one, null in zip(libraries, tails, strict=True)]
        found = annotated(tests, n_lists, alpha)
        counts[draw, :-1] = found.sum(axis=1)
        counts[draw, -1] = found.any(axis=0).sum()
    return np.divide(counts, max(n_lists, 1))
