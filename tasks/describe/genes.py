"""The genes of a feature, by two rules.

1. score(f, g) = S(f, g) / (n(g) + shrinkage): the activation of f summed over the positions of gene g, over the
   number of these positions plus ``shrinkage`` pretended positions where f is silent. Without them a gene seen twice
   would outrank one that fires always; with them its score is pulled towards zero.
2. Genes on which the feature fires fewer than ``min_fire`` times are not ranked.
3. The ``top`` largest scores are kept, ties in the order of the gene table.
4. Published atlases rank by S(f, g) over the firings of f on g, however few, and keep PUBLISHED_GENES. That rank
   stands beside; genes that only this rule lists are kept without a rank of their own.
5. specificity(f, g) = share of the positions of g where f fires / share of all positions where it does.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums

PUBLISHED_GENES = 20
ROW_BLOCK = 256  # features whose genes are sorted at once
Values = Callable[[slice], NDArray[np.float64]]  # of some features on all genes, -inf where a gene is not listed


def top_genes(sums: FiringSums, axes: Axes, top: int, min_fire: int, shrinkage: float) -> pl.DataFrame:
    """At most ``top`` genes of every feature by their score, sorted by feature and rank.

    feature, rank, gene_id, symbol, fire_count, gene_count, fire_rate, mean_activation, score: as in ``feature_gene``.
    """
    ranked = _leaders(_scores(sums, axes, min_fire, shrinkage), sums.fire_count.size, top)
    return _about(ranked, sums, axes, shrinkage).drop("gene", "specificity")


def genes_by_both_rules(sums: FiringSums, axes: Axes, top: int, min_fire: int, shrinkage: float) -> pl.DataFrame:
    """The rows of ``top_genes`` and, behind those of each feature, the genes that only the published rule lists.

    Beside its columns: specificity, n_cells, published_rank, and ``gene``, the gene's number in ``axes``.
    """
    own = _leaders(_scores(sums, axes, min_fire, shrinkage), sums.fire_count.size, top)
    published = _leaders(_means(sums), sums.fire_count.size, PUBLISHED_GENES).rename({"rank": "published_rank"})
    both = own.join(published, on=["feature", "gene"], how="full", coalesce=True)
    return _about(both.sort("feature", "rank", "published_rank", nulls_last=True), sums, axes, shrinkage)


def _scores(sums: FiringSums, axes: Axes, min_fire: int, shrinkage: float) -> Values:
    def values(rows: slice) -> NDArray[np.float64]:
        score = sums.gene_total[rows] / (axes.gene_count + shrinkage)
        return np.where(sums.gene_fires[rows] >= max(min_fire, 1), score, -np.inf)

    return values


def _means(sums: FiringSums) -> Values:
    def values(rows: slice) -> NDArray[np.float64]:
        fires = sums.gene_fires[rows]
        nothing = np.full(fires.shape, -np.inf)
        means: NDArray[np.float64] = np.divide(sums.gene_total[rows], fires, out=nothing, where=fires > 0)
        return means

    return values


def _leaders(values: Values, n_features: int, top: int) -> pl.DataFrame:
    """feature, gene and rank of the ``top`` largest values of every feature, ties by gene."""
    parts = []
    for start in range(0, n_features, ROW_BLOCK):
        block = values(slice(start, start + ROW_BLOCK))
        last = max(block.shape[1] - top, 0)
        bar = np.partition(block, last, axis=1)[:, [last]]  # what is below cannot be among them
        row, gene = np.nonzero((block >= bar) & (block > -np.inf))
        order = np.lexsort((gene, -block[row, gene], row))
        row, gene = row[order], gene[order]
        rank = np.arange(row.size) - np.searchsorted(row, row) + 1
        keep = rank <= top
        parts.append(pl.DataFrame({"feature": row[keep] + start, "gene": gene[keep], "rank": rank[keep]}))
    return pl.concat(parts)


def _about(ranked: pl.DataFrame, sums: FiringSums, axes: Axes, shrinkage: float) -> pl.DataFrame:
    """``ranked`` (feature, gene and ranks) with what table ``feature_gene`` says of each pair."""
    feature, gene = ranked["feature"].to_numpy(), ranked["gene"].to_numpy()
    fires, total, count = sums.gene_fires[feature, gene], sums.gene_total[feature, gene], axes.gene_count[gene]
    columns = {
        "gene_id": pl.Series(axes.gene_id, dtype=pl.String).gather(gene),
        "symbol": pl.Series(axes.symbol, dtype=pl.String).gather(gene),
        "fire_count": fires,
        "gene_count": count,
        "fire_rate": fires / count,
        "mean_activation": total / fires,
        "score": total / (count + shrinkage),
        "specificity": (fires / count) / (sums.fire_count[feature] / axes.n_positions),
    }
    frame = ranked.with_columns(pl.col("feature").cast(pl.UInt32)).with_columns(**columns)
    return frame.select("feature", "rank", pl.exclude("feature", "rank"))
