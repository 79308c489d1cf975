"""Counts as text, separated by tabs, commas or semicolons: a last resort, read as often as cells are asked for.

Which way it lies is told by the names: genes are known, cells are not. A table that leaves doubt is refused, and so is
one with a column that is no gene, for its numbers would be counted as one.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack, vstack

from tasks.cells.formats.failures import reading
from tasks.cells.formats.protocol import Annotation, Matrix, TableAnnotation, no_matrix
from tasks.cells.formats.tenx_folder import unpacked
from tasks.cells.genes import identify_genes
from tasks.cells.slices import Rows, Values
from tasks.store import RequestError

PLACE = "X"
SEPARATORS = "\t,;"
FEWEST_GENES, MOST_GENES = 0.3, 0.05  # share of names that are genes: of genes at least, of cells at most
BLOCK_VALUES = 4_000_000
NO_GENES = frozenset(
    {"n_counts", "total_counts", "n_genes", "ncount_rna", "nfeature_rna", "cluster", "clusters", "label", "batch"}
    | {"percent_mito", "percent.mt", "leiden", "louvain", "cell_type", "celltype", "sample", "donor", "total"}
)


class TextTable:
    """See MatrixFile."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(str(path)):
            self._separator, self._header = _header(path)
            row_names = self._first_column()
        column_names = self._header if self._n_fields == len(self._header) + 1 else self._header[1:]
        self._genes_in_rows = _genes_in_rows(path, row_names, column_names)
        self._genes, self._cells = (row_names, column_names) if self._genes_in_rows else (column_names, row_names)
        wrong = [name for name in self._genes if name.casefold() in NO_GENES]
        if wrong:
            raise RequestError(f"{path} has {', '.join(wrong)} among its genes: leave out what is no gene")

    def places(self) -> list[str]:
        """See MatrixFile."""
        return [PLACE]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        if place != PLACE:
            raise no_matrix(self, place)
        return TextMatrix(self, (len(self._cells), len(self._genes)))

    def obs(self, place: str) -> Annotation:
        """See MatrixFile: names and no columns."""
        return TableAnnotation(f"cells of {self.path}", self._cells)

    def var(self, place: str) -> Annotation:
        """See MatrixFile: names and no columns."""
        return TableAnnotation(f"genes of {self.path}", self._genes)

    def blocks(self, wanted: Rows) -> Iterator[csr_matrix]:
        """Pieces of the rows ``wanted``: all cells of some genes, or some cells with all genes."""
        used = wanted if self._genes_in_rows else np.arange(len(self._genes))
        per_block = max(1, BLOCK_VALUES // max(1, len(used)))
        with reading(str(self.path)):
            for first, block in enumerate(self._read([*(used + 1)], np.float32, per_block)):
                values = block.to_numpy()
                if self._genes_in_rows:
                    yield csr_matrix(values.T)
                else:
                    rows = wanted[(wanted >= first * per_block) & (wanted < (first + 1) * per_block)]
                    yield csr_matrix(values[rows - first * per_block])

    def joined(self, pieces: Sequence[csr_matrix], shape: tuple[int, int]) -> csr_matrix:
        """The pieces as one matrix."""
        if not pieces or 0 in shape:
            return csr_matrix(shape, dtype=np.float32)
        return csr_matrix(hstack(pieces) if self._genes_in_rows else vstack(pieces))

    def _first_column(self) -> list[str]:
        with unpacked(self.path) as file:
            lines = io.TextIOWrapper(file, encoding="utf-8-sig")
            next(lines)
            self._n_fields = len(next(csv.reader(lines, delimiter=self._separator), []))
        return [str(name) for block in self._read([0], str, 100_000) for name in block[0]]

    def _read(self, columns: Sequence[int], dtype: type, n_lines: int) -> Iterator[pd.DataFrame]:
        kept = {"keep_default_na": False} if dtype is str else {}
        with unpacked(self.path) as file:
            yield from pd.read_csv(
                file,
                sep=self._separator,
                header=None,
                skiprows=1,
                usecols=list(columns),
                dtype=dtype,
                chunksize=n_lines,
                encoding="utf-8-sig",
                **kept,
            )


class TextMatrix:
    """The numbers of a table."""

    def __init__(self, table: TextTable, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.stored_per_row = float(shape[1])
        self._table = table

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        return self._table.joined(list(self._table.blocks(wanted)), (len(wanted), self.shape[1]))

    def sample(self) -> Values:
        """See Matrix; from the first piece."""
        piece = next(self._table.blocks(np.arange(min(self.shape[0], 500))), csr_matrix((0, 0)))
        values = piece.data.astype(np.float64)
        return np.asarray(values[values != 0])


def _header(path: Path) -> tuple[str, list[str]]:
    """The separator and the words of the first line."""
    with unpacked(path) as file:
        line = file.readline().decode("utf-8-sig").rstrip("\r\n")
    separator = max(SEPARATORS, key=line.count)
    return separator, next(csv.reader([line], delimiter=separator))


def _genes_in_rows(path: Path, rows: list[str], columns: list[str]) -> bool:
    shares = [_share_of_genes(names, path) for names in (rows, columns)]
    if shares[0] >= FEWEST_GENES and shares[1] <= MOST_GENES:
        return True
    if shares[1] >= FEWEST_GENES and shares[0] <= MOST_GENES:
        return False
    raise RequestError(
        f"{path} does not tell whether genes stand in rows or in columns: {shares[0]:.0%} of the names of its rows and "
        f"{shares[1]:.0%} of its columns' are genes. Write the counts as .h5ad"
    )


def _share_of_genes(names: list[str], path: Path) -> float:
    try:
        genes = identify_genes(pd.DataFrame(index=pd.Index(names)), path)
    except RequestError:
        return 0.0
    return float(genes.identified[genes.row_of].mean()) if names else 0.0
