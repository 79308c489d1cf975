"""Edges whose ends share a term, and how many do if targets are exchanged among features like them.

Let S [A, B] say whether annotated source a and annotated target b share a term, and W [A, B] whether one of E edges
joins them. Observed: T = sum(W * S).

1. Targets exchanged: T(pi) = sum over edges (a, b) of S[a, pi(b)] = sum over b of M[b, pi(b)], with M = W' S [B, B].
   pi permutes targets within bins, so sources, their number of edges, and which edges share a target all stay: edges
   of one source, or of one target, depend on one another, and the draws know it. A draw costs B additions.
2. Beyond margins: targets of a bin still differ in how many edges they have and how readily they share a term. What
   this gives by itself, in_b r_c with r_c = sum over a of out_a S[a, c] / E, is taken off M: it is what wiring at
   random gives that keeps the number of edges of every source and every target.
3. The mean over all permutations within bins is the sum over bins of the matrix's block, divided by the bin's size.
4. Terms shuffled (published): both ends get the terms of any annotated feature of their layer. A source with many
   terms gets those of an average feature, so that T falls for no other reason.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.statistics.matching import finest_bins, movable_share
from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Annotated:
    """Features [A] with a term, ascending, their terms as binary rows [A, T], and how often they fire [A]."""

    feature: Ints
    terms: csr_matrix
    frequency: Floats

    @property
    def n_terms(self) -> Ints:
        """Number of terms of each feature [A]."""
        found: Ints = np.diff(self.terms.indptr).astype(np.int64)
        return found


def annotated(terms: pl.DataFrame, frequency: pl.DataFrame, vocabulary: dict[str, int]) -> Annotated:
    """Features with their ``terms`` (columns feature, term); terms that ``vocabulary`` lacks are added to it.

    ``frequency``: columns feature and frequency of at least these features.
    """
    pairs = terms.select("feature", "term").unique().sort("feature", "term")
    feature, row = np.unique(pairs["feature"].to_numpy().astype(np.int64), return_inverse=True)
    column = [vocabulary.setdefault(term, len(vocabulary)) for term in pairs["term"]]
    ones = np.ones(len(column), dtype=np.float32)
    known = dict(frequency.select("feature", "frequency").iter_rows())
    fires = np.array([known[int(one)] for one in feature], dtype=np.float64)
    return Annotated(feature, csr_matrix((ones, (row, column)), shape=(feature.size, len(vocabulary))), fires)


def sharing(sources: Annotated, targets: Annotated) -> NDArray[np.bool_]:
    """S: whether two features share a term [A, B]."""
    width = max(sources.terms.shape[1], targets.terms.shape[1])
    one, other = (
        csr_matrix((end.terms.data, end.terms.indices, end.terms.indptr), shape=(end.feature.size, width))
        for end in (sources, targets)
    )
    shared: NDArray[np.bool_] = (one @ other.T).toarray() > 0
    return shared


@dataclass(frozen=True)
class Wiring:
    """Edges [E] between annotated ends, as rows of S and columns of S."""

    source: Ints
    target: Ints

    @classmethod
    def of(cls, ends: tuple[Ints, Ints], sources: Annotated, targets: Annotated) -> "Wiring":
        """Of the features at the ``ends`` of edges; edges with an end that has no term are left out."""
        kept = np.isin(ends[0], sources.feature) & np.isin(ends[1], targets.feature)
        places = (np.searchsorted(side.feature, end[kept]) for side, end in zip((sources, targets), ends, strict=True))
        return cls(*places)

    def exchange(self, shares: NDArray[np.bool_]) -> Floats:
        """M [B, B]: edges of target b that would share a term if it were target c."""
        n_sources, n_targets = shares.shape
        ones = np.ones(self.source.size, dtype=np.float32)
        wired = csr_matrix((ones, (self.target, self.source)), shape=(n_targets, n_sources))
        matrix: Floats = np.asarray(wired @ shares.astype(np.float32), dtype=np.float64)
        return matrix

    def margins(self, shares: NDArray[np.bool_]) -> Floats:
        """in_b r_c [B, B]: what the number of edges of sources and targets gives of M."""
        out, into = (
            np.bincount(end, minlength=n) for end, n in zip((self.source, self.target), shares.shape, strict=True)
        )
        matrix: Floats = np.outer(into, out @ shares / self.source.size)
        return matrix


@dataclass(frozen=True)
class Bins:
    """Bin of every annotated target [B], and the share of edges whose target has another in its bin."""

    bin: Ints
    movable: float

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return np.unique(self.bin).size


def like_targets(wiring: Wiring, targets: Annotated, most: int) -> Bins:
    """Bins of frequency and of number of terms: the finest that ``finest_bins`` allows, at most ``most`` by ``most``.

    Where not even two by two are left, bins of the number of terms alone, which decides most of what is shared.
    """
    covariates = np.column_stack([targets.frequency, targets.n_terms])
    return Bins(*finest_bins(wiring.target, covariates, most))


def one_bin(wiring: Wiring, targets: Annotated) -> Bins:
    """All annotated targets of the layer in one bin."""
    found = np.zeros(targets.feature.size, dtype=np.int64)
    return Bins(found, movable_share(wiring.target, np.arange(found.size), found))


def exchange_targets(matrix: Floats, bins: Ints, n_draws: int, seed: list[int], given: float = 0.0) -> NullDraws:
    """Step 1: T beside ``n_draws`` of its values; ``given`` is what was taken off the matrix, and is added again."""
    rng = np.random.default_rng(seed)
    everyone, by_bin = np.arange(bins.size), np.argsort(bins, kind="stable")
    values = np.empty(n_draws)
    drawn = np.empty_like(everyone)
    for draw in range(n_draws):
        drawn[by_bin] = np.lexsort((rng.random(bins.size), bins))
        values[draw] = matrix[everyone, drawn].sum()
    return NullDraws(np.array([np.trace(matrix) + given]), values[:, None] + given)


def exact_mean(matrix: Floats, bins: Ints) -> float:
    """Step 3."""
    members = (np.flatnonzero(bins == one) for one in np.unique(bins))
    return sum(float(matrix[np.ix_(own, own)].sum()) / own.size for own in members)


def shuffle_terms(wiring: Wiring, shares: NDArray[np.bool_], n_draws: int, seed: list[int]) -> NullDraws:
    """Step 4. ``shares`` [A, B] of all annotated features of both layers."""
    rng = np.random.default_rng(seed)
    values = np.empty(n_draws)
    for draw in range(n_draws):
        source, target = (rng.permutation(size) for size in shares.shape)
        values[draw] = np.count_nonzero(shares[source[wiring.source], target[wiring.target]])
    return NullDraws(np.array([float(np.count_nonzero(shares[wiring.source, wiring.target]))]), values[:, None])


def published_p(draws: NullDraws) -> float:
    """Two-sided about the mean of the draws, and 0 where none is as far from it: as published."""
    mean = draws.mean[0]
    return float(np.mean(np.abs(draws.values[:, 0] - mean) >= abs(draws.observed[0] - mean)))
