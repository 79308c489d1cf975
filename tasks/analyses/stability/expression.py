"""How features' genes are co-expressed: correlations of genes over cells, and their means over pairs of features.

1. x_cg = log(1 + 10,000 count / total) in every cell c, of the genes that features list (at most ``genes`` of each).
2. Partial: x less its least-squares fit on a constant, log total, log number of genes, and cell type where known. Depth
   and type make genes rise and fall together that have nothing to do with each other.
3. R = correlations over cells; a gene that does not vary has none with any.
4. Of features a and b with gene lists A and B: the mean of |R_gh| over pairs of *different* genes g of A, h of B. A
   gene that both list is no pair, since it correlates with itself by 1; as published, it counts, and the largest is
   taken.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.cells.reader import CellsReader
from tasks.store.memory import require_memory

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
PER_CELL = 1e4
NOTHING = 1e-10  # share of the largest singular value below which a column depends on the others
ROUNDING = 1e-5  # share of a gene's size below which what is left of it is rounding


@dataclass(frozen=True)
class Genes:
    """Gene lists of the features of two or more layers: [F, G] binary by layer, over one order of genes."""

    symbols: list[str]
    lists: dict[int, csr_matrix]


def gene_lists(described: dict[int, pl.DataFrame], sizes: dict[int, int], n: int, known: list[str]) -> Genes:
    """The first ``n`` genes of every feature by rank; ``described``: rows of feature_gene by layer.

    ``sizes``: features of each layer; ``known``: genes (gene_id) with counts, in their order; others are left out.
    """
    place = {gene: number for number, gene in enumerate(known)}
    rows = {
        layer: frame.filter(pl.col("rank") <= n, pl.col("gene_id").is_in(known)).select("feature", "gene_id")
        for layer, frame in described.items()
    }
    used = sorted({gene for frame in rows.values() for gene in frame["gene_id"].to_list()}, key=place.__getitem__)
    column = {gene: number for number, gene in enumerate(used)}
    lists = {}
    for layer, frame in rows.items():
        ends = frame["feature"].to_numpy().astype(np.int64), [column[gene] for gene in frame["gene_id"].to_list()]
        lists[layer] = csr_matrix((np.ones(frame.height, np.float32), ends), shape=(sizes[layer], len(used)))
    return Genes(used, lists)


@dataclass(frozen=True)
class Expression:
    """Step 1 of ``genes`` in C cells: ``values`` [C, G]; ``given`` [C, k]: what step 2 takes off."""

    values: Floats32
    given: Floats

    @classmethod
    def read(cls, reader: CellsReader, genes: list[str], most: int, seed: list[int]) -> "Expression":
        """Of at most ``most`` chosen cells, drawn by seed. Raises RequestError if memory is short."""
        counts, cells = reader.counts(), reader.cells()
        if counts.shape[0] > most:
            kept = np.sort(np.random.default_rng(seed).permutation(counts.shape[0])[:most])
            counts, cells = counts[kept], cells[kept.tolist()]
        require_memory(
            4 * len(genes) * (3 * counts.shape[0] + 2 * len(genes)),
            f"correlating {len(genes):,} genes over {counts.shape[0]:,} cells",
            "lower stability.genes or stability.expression_cells",
        )
        place = {gene: number for number, gene in enumerate(reader.genes()["gene_id"].to_list())}
        total = np.maximum(np.asarray(counts.sum(1), dtype=np.float64).ravel(), 1.0)
        chosen = counts[:, [place[gene] for gene in genes]].toarray()
        values = np.log1p(PER_CELL * chosen / total[:, None]).astype(np.float32)
        depth = np.column_stack([np.ones(total.size), np.log(total), np.log1p(np.diff(counts.indptr))])
        return cls(values, np.hstack([depth, indicators(cells["label"].to_list())]))

    @cached_property
    def marginal(self) -> Floats32:
        """Step 3 without step 2: |R| [G, G], 0 on the diagonal."""
        return correlations(self.values, np.ones((len(self.values), 1)))

    @cached_property
    def partial(self) -> Floats32:
        """Steps 2 and 3: |R| [G, G], 0 on the diagonal."""
        return correlations(self.values, self.given)


def indicators(labels: list[str | None]) -> Floats:
    """One column for each label but the first, of cells [C]; cells without one have none."""
    names = sorted({label for label in labels if label is not None})[1:]
    columns = np.array([[label == name for name in names] for label in labels], dtype=np.float64)
    return columns.reshape(len(labels), len(names))


def correlations(values: Floats32, given: Floats) -> Floats32:
    """|R| of the columns of ``values`` [C, G] after ``given`` [C, k] is taken off: [G, G], 0 on the diagonal."""
    basis, size, _ = np.linalg.svd(given, full_matrices=False)
    basis = basis[:, size > NOTHING * size.max()].astype(np.float32)
    left = values - basis @ (basis.T @ values)
    norm, whole = (np.sqrt(np.square(each, dtype=np.float64).sum(0)) for each in (left, values))
    varies = norm > ROUNDING * whole
    scaled = np.where(varies, left / np.where(varies, norm, 1.0), 0.0).astype(np.float32)
    found: Floats32 = np.abs(scaled.T @ scaled)
    np.fill_diagonal(found, 0.0)
    return found


@dataclass(frozen=True)
class FeaturePairs:
    """Means of step 4 from sources to the targets of a layer; ``sources`` [S, G] and ``targets`` [T, G]: gene lists."""

    sources: csr_matrix
    targets: csr_matrix

    def shared(self, rows: NDArray[np.int64]) -> Floats:
        """How many genes both list: [rows, T]."""
        found: Floats = (self.sources[rows] @ self.targets.T).toarray().astype(np.float64)
        return found

    def mean(self, rows: NDArray[np.int64], correlation: Floats32) -> Floats:
        """Step 4: [rows, T], NaN where there is no pair of different genes."""
        own = self.sources[rows]
        total = np.asarray(self.targets @ np.asarray(own @ correlation).T, dtype=np.float64).T
        n_own, n_other = (np.diff(side.indptr).astype(np.float64) for side in (own, self.targets))
        n = n_own[:, None] * n_other[None] - self.shared(rows)
        found: Floats = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
        return found

    def largest(self, row: int, columns: NDArray[np.int64], correlation: Floats32) -> Floats:
        """As published: the largest |R|, 1 where a gene is listed by both, of one source with targets ``columns``."""
        own, found = self.sources[row].indices, np.full(columns.size, np.nan)
        if not own.size:
            return found
        best = correlation[own].max(0)
        best[own] = 1.0
        for place, column in enumerate(columns.tolist()):
            genes = self.targets.indices[self.targets.indptr[column] : self.targets.indptr[column + 1]]
            found[place] = best[genes].max() if genes.size else np.nan
        return found
