"""Tables ``gene_index`` and ``ontology_index``: from genes and terms to features, as published atlases have them.

A table of one autoencoder cannot know what the others hold: a term that a single feature carries is listed, since
another layer may have the second one. Published indexes leave out the terms of a single feature of the atlas.
"""

import polars as pl

FIRST = 5  # genes of a feature that the published index lists


def gene_index(genes: pl.DataFrame) -> pl.DataFrame:
    """The rows behind sae_id, of rows of table ``feature_gene``: each feature's first five genes, if they are shown.

    Of genes that share a symbol, the first by rank stands for both.
    """
    first = genes.filter(pl.col("shown") & (pl.col("rank") <= FIRST)).sort("symbol", "feature", "rank")
    return first.unique(["symbol", "feature"], keep="first", maintain_order=True).select("symbol", "feature", "rank")


def ontology_index(annotation: pl.DataFrame) -> pl.DataFrame:
    """The rows behind sae_id, of rows of table ``annotation``: the significant ones."""
    rows = annotation.filter("significant").select("feature", "term", ontology="library")
    return rows.sort("ontology", "term", "feature")
