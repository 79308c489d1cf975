"""Whether a feature fires where its genes are expressed more than elsewhere.

1. The value v of a position is log(1 + counts of the gene per 10,000 of the cell): of every model alike, whether it
   reads ranks, bins or values, and free of the cell's depth.
2. E[v | active, g] - E[v | inactive, g], averaged over the genes g with at least ``MIN_POSITIONS`` of both: a gene is
   compared with itself.
3. Test: v less its gene's mean, averaged in each cell over its active positions and over its others. The difference
   D_c has mean 0 if firing knows nothing of expression, whatever the genes and the cell's depth. Student's t over
   cells, the units; p holds of cells such as these.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import stdtr, stdtrit

from tasks.analyses.labels.sums import LabelSums
from tasks.cells.reader import CellsReader
from tasks.codes.axes import NO_GENE, Axes
from tasks.statistics import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PER, MIN_POSITIONS, FEWEST_CELLS, CONFIDENCE = 10_000.0, 5, 3, 0.95
BLOCK = 256  # features whose genes are held densely at once


@dataclass(frozen=True)
class PositionValues:
    """``value`` and ``excess`` [N]: v at every position and v less its gene's mean, both 0 without a gene.

    ``gene_count`` and ``gene_sum`` [G] over positions; ``cell_excess`` [C] summed.
    """

    value: Floats
    excess: Floats
    gene_count: Floats
    gene_sum: Floats
    cell_excess: Floats


def position_values(reader: CellsReader, axes: Axes) -> PositionValues:
    """Step 1 for the positions of ``axes``; counts of columns that share a token are summed."""
    logged = log_counts(reader, axes)
    known = axes.gene != NO_GENE
    value = np.zeros(axes.n_positions)
    value[known] = np.asarray(logged[axes.cell[known], axes.gene[known]]).ravel()
    n_genes = len(axes.gene_id)
    count = np.bincount(axes.gene[known], minlength=n_genes).astype(np.float64)
    total = np.bincount(axes.gene[known], weights=value[known], minlength=n_genes)
    excess = np.where(known, value - (total / np.maximum(count, 1))[axes.gene], 0.0)
    of_cell = np.bincount(axes.cell, weights=excess, minlength=axes.cell_id.size)
    return PositionValues(value, excess, count, total.astype(np.float64), of_cell.astype(np.float64))


def log_counts(reader: CellsReader, axes: Axes) -> csr_matrix:
    """log(1 + counts per 10,000 of the cell's total) by cell and gene of ``axes``: [C, G]."""
    genes, counts = reader.genes(), reader.counts()
    first = dict(zip(axes.gene_id, range(len(axes.gene_id)), strict=True))
    tokens = genes.with_columns(place=pl.col("gene_id").replace_strict(first, default=None, return_dtype=pl.Int64))
    place = tokens.with_columns(place=pl.col("place").max().over("token_id"))["place"]
    rows = np.flatnonzero((place.is_not_null() & genes["token_id"].is_not_null()).to_numpy())
    columns = place.to_numpy()[rows].astype(np.int64)
    fold = csr_matrix((np.ones(rows.size), (rows, columns)), shape=(genes.height, len(axes.gene_id)))
    cells = np.searchsorted(reader.cells()["cell_id"].to_numpy(), axes.cell_id)
    own = counts[cells].astype(np.float64)
    scale = PER / np.maximum(np.asarray(own.sum(axis=1)).ravel(), 1e-12)
    by_gene = csr_matrix(own @ fold)
    by_gene.sort_indices()  # looked up by halving, not one by one
    by_gene.data = np.log1p(by_gene.data * np.repeat(scale, np.diff(by_gene.indptr)))
    return by_gene


def expression_rows(sums: LabelSums, values: PositionValues, axes: Axes) -> pl.DataFrame:
    """The columns of table ``feature_expression`` behind sae_id: every living feature."""
    alive = np.flatnonzero(sums.count.getnnz(axis=0))
    difference, n_genes, n_up = _by_gene(sums, values, alive)
    n, mean, sd = _by_cell(sums, values, axes, alive)
    enough = n >= FEWEST_CELLS
    error = np.where(enough & (sd > 0), sd / np.sqrt(np.maximum(n, 1)), np.nan)
    freedom = np.maximum(n - 1, 1)
    p = np.where(enough, np.minimum(2 * stdtr(freedom, -np.abs(np.nan_to_num(mean / error))), 1.0), np.nan)
    q = np.full(alive.size, np.nan)
    q[enough] = benjamini_hochberg(p[enough])
    half = stdtrit(freedom, (1 + CONFIDENCE) / 2) * error
    columns = {
        "feature": alive.astype(np.uint32),
        "n_genes": n_genes,
        "n_genes_up": n_up,
        "difference": difference,
        "n_cells": n,
        "within_cells": np.where(enough, mean, np.nan),
        "sd": np.where(enough, sd, np.nan),
        "low": mean - half,
        "high": mean + half,
        "p": p,
        "q": q,
    }
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))


def _by_gene(sums: LabelSums, values: PositionValues, alive: Ints) -> tuple[Floats, Ints, Ints]:
    """Step 2: the mean difference, the genes behind it, and those of them where it is above 0."""
    mean = np.full(alive.size, np.nan)
    n_genes, n_up = np.zeros(alive.size, dtype=np.int64), np.zeros(alive.size, dtype=np.int64)
    for first in range(0, alive.size, BLOCK):
        own = slice(first, first + BLOCK)
        fires = sums.gene_fires[alive[own]].astype(np.float64)
        active, silent = sums.gene_value[alive[own]], values.gene_count - fires
        both = (fires >= MIN_POSITIONS) & (silent >= MIN_POSITIONS)
        above = active / np.maximum(fires, 1) - (values.gene_sum - active) / np.maximum(silent, 1)
        n_genes[own], n_up[own] = both.sum(axis=1), (both & (above > 0)).sum(axis=1)
        mean[own] = np.where(both, above, 0.0).sum(axis=1)
    return np.divide(mean, n_genes, out=np.full(alive.size, np.nan), where=n_genes > 0), n_genes, n_up


def _by_cell(sums: LabelSums, values: PositionValues, axes: Axes, alive: Ints) -> tuple[Ints, Floats, Floats]:
    """Step 3: cells in which a feature is active and silent, mean and deviation of D over them."""
    count, excess = sums.count.tocoo(), sums.excess.tocoo()
    fires, size = count.data, axes.cell_count[count.row]
    both = fires < size
    cell, feature, fires, size, above = (one[both] for one in (count.row, count.col, fires, size, excess.data))
    d = above / fires - (values.cell_excess[cell] - above) / (size - fires)
    n_features = sums.count.shape[1]
    n = np.bincount(feature, minlength=n_features)
    mean = np.bincount(feature, weights=d, minlength=n_features) / np.maximum(n, 1)
    square = np.bincount(feature, weights=(d - mean[feature]) ** 2, minlength=n_features)
    return n[alive], mean[alive], np.sqrt(square / np.maximum(n - 1, 1))[alive]
