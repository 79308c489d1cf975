"""The two rules by which features without annotation are clustered.

``weighted`` (the default), over features that are not rare: clusters by the weighted Jaccard index of gene scores. Kept
are those that random lists would give at a rate of at most ``alpha`` (``clusters``).

``published``, over all living features, a draw of 2,000 where there are more: a plain Jaccard index of at least 0.15 of
the first twenty genes, Leiden at resolution 0.5, seed 42. Nothing is held against chance.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.unannotated.clusters import communities, find_clusters, join
from tasks.analyses.unannotated.likeness import common_weight, plain_jaccard, share_of_score, weighted_jaccard
from tasks.analyses.unannotated.step import UnannotatedSettings
from tasks.references.annotation import gene_lists
from tasks.statistics.communities import SMALLEST

Floats = NDArray[np.float64]
RULES = ("weighted", "published")
GENES, JACCARD, RESOLUTION, SEED, MOST = 20, 0.15, 0.5, 42, 2000  # as published


@dataclass(frozen=True)
class Listed:
    """The features of a rule: ``about`` (feature, frequency, annotated), and lists of unannotated ones that have genes.

    ``feature`` [U] are those with a list; ``lists`` binary and ``weights`` [U, G] over ``symbols`` [G], each row of
    ``weights`` adding up to 1.
    """

    about: pl.DataFrame
    feature: NDArray[np.int64]
    lists: csr_matrix
    weights: csr_matrix
    symbols: list[str]


@dataclass(frozen=True)
class Clustered:
    """Rows of ``Listed`` by cluster, mean likeness of each; under rule weighted, q and null_size."""

    members: list[list[int]]
    mean_jaccard: list[float]
    q: list[float | None]
    null_size: float | None


def listed(
    rule: str, features: pl.DataFrame, genes: pl.DataFrame, annotated: pl.Series, background: list[str], n_genes: int
) -> Listed:
    """From tables ``feature`` and ``feature_gene``; ``annotated``: features with an annotation."""
    wanted = pl.col("alive") if rule == "published" else pl.col("tier").is_in(["normal", "dense"])
    about = features.filter(wanted).select(
        "feature", "frequency", annotated=pl.col("feature").is_in(annotated.unique().implode())
    )
    unannotated = about.filter(~pl.col("annotated"))["feature"]
    ranked = genes.filter(
        pl.col("rank") <= n_genes, pl.col("score") > 0, pl.col("feature").is_in(unannotated.implode())
    )
    found = gene_lists(ranked, background)
    scores = ranked["score"].to_numpy()
    place = {key: row for row, key in enumerate(zip(ranked["feature"], ranked["rank"], strict=True))}
    rows = np.repeat(found.feature, np.diff(found.ranks.indptr))
    weights = csr_matrix(
        (
            scores[[place[key] for key in zip(rows.tolist(), found.ranks.data.tolist(), strict=True)]],
            found.ranks.indices,
            found.ranks.indptr,
        ),
        shape=found.ranks.shape,
    )
    return Listed(about, found.feature.astype(np.int64), found.lists, share_of_score(weights), found.symbols)


def by_weight(settings: UnannotatedSettings, own: Listed) -> Clustered:
    """Rule ``weighted``."""
    found = find_clusters(own.weights, settings.percentile, settings.resolution, settings.null_draws, settings.seed)
    kept = found.strong(settings.alpha)
    likeness = [weighted_jaccard(common_weight(own.weights[members])) for members in kept.members]
    return Clustered(kept.members, [_mean(each) for each in likeness], kept.q.tolist(), kept.null_size)


def as_published(_settings: UnannotatedSettings, own: Listed) -> Clustered:
    """Rule ``published``."""
    n = len(own.feature)
    rows = np.arange(n)
    if n > MOST:
        rows = np.sort(np.random.default_rng(SEED).choice(n, MOST, replace=False))
    if len(rows) < SMALLEST:
        return Clustered([], [], [], None)
    likeness = plain_jaccard(own.lists[rows])
    found = communities(join(likeness, JACCARD, strictly=False), RESOLUTION, SEED)
    means = [_mean(likeness[np.ix_(members, members)]) for members in found]
    return Clustered([rows[members].tolist() for members in found], means, [None] * len(found), None)


def _mean(likeness: Floats) -> float:
    """Mean over pairs of a matrix with an empty diagonal."""
    n = len(likeness)
    return float(likeness.sum() / (n * (n - 1)))
