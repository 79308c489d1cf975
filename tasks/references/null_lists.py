"""Random gene lists to hold the real ones against.

1. A gene's weight is the number of real lists that hold it.
2. A random list has the size of a real one; its genes are drawn without replacement, each draw proportional to the
   weights of the genes left. Draws with replacement are such draws once repeats are passed over.
3. A list that is still short after ``SPARE`` draws a gene is filled by a race: the n smallest of e / weight, e standard
   exponential, are n further draws (Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir").
4. Each round draws one list for every real one and counts how many come out annotated.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.references.enrichment import annotated, enrich
from tasks.references.gene_sets import Library
from tasks.references.tails import Tails

Ints = NDArray[np.int64]
SPARE = 2  # draws for each gene of the longest list; few lists need more


def random_lists(lists: csr_matrix, rng: np.random.Generator) -> csr_matrix:
    """Lists of the same sizes whose genes are drawn by how often they occur in ``lists`` (binary [R, G]).

    The genes of a list stand in the order of their draw.
    """
    sizes = np.diff(lists.indptr)
    times = np.asarray(lists.getnnz(axis=0), dtype=np.int64)
    gene = np.flatnonzero(times)
    drawn = _draw(sizes, times[gene], rng)
    held = np.arange(drawn.shape[1]) < sizes[:, None]
    indices = gene[drawn[held]]
    return csr_matrix((np.ones(indices.size, dtype=np.int32), indices, lists.indptr), shape=lists.shape)


def _draw(sizes: Ints, weight: Ints, rng: np.random.Generator) -> Ints:
    """``sizes`` [R] different genes of whole-number ``weight`` [G] in each row, and 0 behind them: [R, longest]."""
    longest = int(sizes.max(initial=0))
    chosen = np.zeros((sizes.size, longest), dtype=np.int64)
    if not longest:
        return chosen
    ends, width = np.cumsum(weight), SPARE * longest
    drawn = np.searchsorted(ends, rng.integers(ends[-1], size=(sizes.size, width)), side="right")
    _, first = np.unique(np.arange(sizes.size)[:, None] * weight.size + drawn, return_index=True)
    row, place = np.divmod(np.sort(first), width)
    rank = np.arange(row.size) - np.searchsorted(row, row)
    kept = rank < sizes[row]
    chosen[row[kept], rank[kept]] = drawn[row[kept], place[kept]]
    got = np.bincount(row[kept], minlength=sizes.size)
    for short in np.flatnonzero(got < sizes):
        chosen[short, got[short] : sizes[short]] = _race(chosen[short, : got[short]], sizes[short], weight, rng)
    return chosen


def _race(chosen: Ints, size: int, weight: Ints, rng: np.random.Generator) -> Ints:
    """Step 3: further draws for a list of ``size`` that has the genes ``chosen``, in their order."""
    race = rng.standard_exponential(weight.size) / weight
    race[chosen] = np.inf
    missing = size - chosen.size
    first = np.argpartition(race, missing - 1)[:missing]
    found: Ints = first[np.argsort(race[first])]
    return found


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
