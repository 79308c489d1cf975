"""Gene sets and gene lists of the published atlas, rebuilt from its annotation rows, to test them again.

A set holds the genes that any feature is said to share with it. How many genes it has follows from the odds ratio,
a e / (b c) of a two-by-two table over N_PANEL genes: c = (N_PANEL - n) / (OR b / a + 1), and the set has a + c.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from tasks.atlas.annotations import read_annotations
from tasks.atlas.atlas import open_atlas
from tasks.references.gene_sets import Library

LAYERS = (4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17)
N_PANEL = 6332
TESTED = ("GO_BP", "KEGG", "Reactome")
SEEN = ("library", "term")


@dataclass(frozen=True)
class AtlasSets:
    """``library``: the sets over the panel's genes; ``sizes`` [T] how many of them each has; ``lists`` by layer, living
    features in rows, those without annotation empty; ``times`` [G] how many lists hold each gene."""

    library: Library
    sizes: np.ndarray
    lists: dict[int, csr_matrix]
    times: np.ndarray


def atlas_sets(source: Path, living: dict[int, int]) -> AtlasSets:
    """Read the layers' annotation rows; ``living`` says how many living features each layer has."""
    atlas = open_atlas(source)
    read = {layer: read_annotations(atlas, layer) for layer in LAYERS}
    rows = pl.concat([one.tables["annotation"] for one in read.values()]).filter(pl.col("library").is_in(TESTED))
    named = {layer: [[gene[0] for gene in genes] for genes in one.genes.values()] for layer, one in read.items()}
    symbols = sorted({gene for lists in named.values() for one in lists for gene in one})
    place = {symbol.upper(): number for number, symbol in enumerate(symbols)}
    terms = rows.group_by(SEEN).agg(pl.col("genes").str.split(", ").explode().unique(), size=_size()).sort(SEEN)
    members = _binary([[place[gene.upper()] for gene in genes] for genes in terms["genes"]], terms.height, len(symbols))
    lists = {
        layer: _binary([[place[gene.upper()] for gene in one] for one in lists], living[layer], len(symbols))
        for layer, lists in named.items()
    }
    times = np.asarray(sum(one.sum(axis=0) for one in lists.values())).ravel()
    library = Library("atlas", terms["term"].to_list(), members)
    return AtlasSets(library, terms["size"].to_numpy().astype(np.int64), lists, times)


def _size() -> pl.Expr:
    a, n = pl.col("n_overlap").cast(pl.Float64), pl.col("n_feature_genes").cast(pl.Float64)
    size = a + (N_PANEL - n) / (pl.col("odds_ratio") * (n - a) / a + 1)
    return size.filter(pl.col("odds_ratio") > 0).median().round().fill_null(pl.col("n_overlap").max())


def _binary(rows: list[list[int]], n_rows: int, n_columns: int) -> csr_matrix:
    row = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    column = np.array([one for own in rows for one in own], dtype=np.int64)
    return csr_matrix((np.ones(row.size, dtype=np.int32), (row, column)), shape=(n_rows, n_columns))
