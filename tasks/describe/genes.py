"""The genes of a feature.

1. score(f, g) = S(f, g) / (n(g) + shrinkage): the activation of f summed over the positions of gene g, over the
   number of these positions plus ``shrinkage`` pretended positions where f is silent. Without them a gene seen twice
   would outrank one that fires always; with them its score is pulled towards zero.
2. Genes on which the feature fires fewer than ``min_fire`` times are left out.
3. The ``top`` largest scores are kept, ties in the order of the gene table.
"""

import numpy as np
import polars as pl

from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums


def top_genes(sums: FiringSums, axes: Axes, top: int, min_fire: int, shrinkage: float) -> pl.DataFrame:
    """The columns of table ``feature_gene`` behind sae_id, sorted by feature and rank, at most ``top`` a feature."""
    feature, gene = np.nonzero(sums.gene_fires >= max(min_fire, 1))
    fires, total, count = sums.gene_fires[feature, gene], sums.gene_total[feature, gene], axes.gene_count[gene]
    score = total / (count + shrinkage)
    order = np.lexsort((gene, -score, feature))
    starts = np.searchsorted(feature, feature)  # np.nonzero sorts by feature, and so does the order
    rank = np.arange(order.size) - starts + 1
    keep = rank <= top
    order, rank = order[keep], rank[keep]
    return pl.DataFrame(
        {
            "feature": feature[order].astype(np.uint32),
            "rank": rank,
            "gene_id": pl.Series(axes.gene_id, dtype=pl.String)[gene[order].tolist()],
            "symbol": pl.Series(axes.symbol, dtype=pl.String)[gene[order].tolist()],
            "fire_count": fires[order],
            "gene_count": count[order],
            "fire_rate": fires[order] / count[order],
            "mean_activation": total[order] / fires[order],
            "score": score[order],
        }
    )
