"""How few genes hold a feature's activation.

1. top5_share: the share of all of a feature's activation that lies on its first five genes (column top_genes). Near 1,
   the feature is about these genes; near 0, it is active in many genes of some cells, and a list of genes misleads.
2. effective_genes = 1 / sum_g s_g^2, s_g the share of gene g: n genes alike count n (inverse Simpson index).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.codes.axes import Axes
from tasks.codes.firing_sums import FiringSums

NAMED_GENES = 5  # symbols in column top_genes of table feature
ROWS = 256  # features whose shares are held at once


def concentration(sums: FiringSums, axes: Axes, genes: pl.DataFrame) -> pl.DataFrame:
    """feature, effective_genes, top_genes, top5_share and ``gene_shares`` (symbols and shares of the first genes).

    One row for each living feature; the last three are null if no gene is listed. ``genes`` are rows of table
    ``feature_gene``. Shares are of all activation, that on unlisted genes and unknown tokens included.
    """
    alive = np.flatnonzero(sums.alive)
    place = {gene: column for column, gene in enumerate(axes.gene_id)}
    first = genes.filter(pl.col("rank") <= NAMED_GENES).sort("feature", "rank")
    column = np.array([place[gene] for gene in first["gene_id"]], dtype=np.int64)
    feature = first["feature"].to_numpy().astype(np.int64)
    share = sums.gene_total[feature, column] / sums.total[feature]
    listed = first.with_columns(share=share).group_by("feature", maintain_order=True)
    shares = listed.agg(
        pl.col("symbol").str.join(", ").alias("top_genes"),
        pl.col("share").sum().clip(0, 1).alias("top5_share"),
        pl.struct("symbol", "share").alias("gene_shares"),
    )
    own = pl.DataFrame({"feature": alive.astype(np.uint32), "effective_genes": effective_genes(sums.gene_total[alive])})
    own = own.with_columns(pl.col("effective_genes").fill_nan(None))
    return own.join(shares, on="feature", how="left", maintain_order="left")


def effective_genes(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Step 2 of activations summed by gene [F, G] >= 0: [F], NaN where all are 0."""
    blocks = [np.empty(0)]
    for start in range(0, len(totals), ROWS):
        own = totals[start : start + ROWS]
        squares = (own**2).sum(axis=1)
        found = np.divide(own.sum(axis=1) ** 2, squares, out=np.full(len(own), np.nan), where=squares > 0)
        blocks.append(found.clip(1.0))
    return np.concatenate(blocks)
