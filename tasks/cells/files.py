"""The cells of one or more open files as one: those of the first file, then those of the second, and so on."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from tasks.cells.counts import RawCounts, find_counts
from tasks.cells.formats.opening import open_cells
from tasks.cells.formats.protocol import Annotation, MatrixFile
from tasks.cells.genes import Genes, identify_genes
from tasks.cells.obs import ObsColumn
from tasks.cells.select import refuse_unknown
from tasks.cells.settings import CellsSettings
from tasks.cells.shared_genes import share_genes
from tasks.cells.slices import Rows, Values, stack
from tasks.cells.sources import source_names


@dataclass(frozen=True)
class CellFile:
    """One open file: its obs, its raw counts, and which of its columns is which gene."""

    path: Path
    obs: Annotation
    counts: RawCounts
    genes: Genes

    @property
    def n_cells(self) -> int:
        """Rows of the matrix."""
        return self.counts.matrix.shape[0]


class CellFiles:
    """Open files; rows are numbered over all of them. Genes are those that all files have."""

    def __init__(self, files: Sequence[CellFile]) -> None:
        shared = share_genes([file.genes for file in files], [file.path for file in files])
        self._files, self._genes = files, shared
        self._starts = np.cumsum([0, *(file.n_cells for file in files)])

    @classmethod
    @contextmanager
    def open(cls, paths: Sequence[Path], settings: CellsSettings) -> Iterator["CellFiles"]:
        """Open for reading; the settings say where raw counts are, which else are found in each file by their values.

        Raises RequestError if a file, its counts or its genes cannot be used, or if the files share too few genes.
        """
        with ExitStack() as opened:
            yield cls([_open(opened.enter_context(open_cells(path, settings.genome)), settings) for path in paths])

    @property
    def name(self) -> str:
        """What messages call the files."""
        return " and ".join(str(file.path) for file in self._files)

    @property
    def n_files(self) -> int:
        """How many files there are."""
        return len(self._files)

    @property
    def n_cells(self) -> int:
        """Cells of all files."""
        return int(self._starts[-1])

    @property
    def stored_per_row(self) -> float:
        """Values of a cell that are read, in the file where they are most."""
        return max(file.counts.matrix.stored_per_row for file in self._files)

    @property
    def genes(self) -> Genes:
        """The genes that all files have, in the order of the first."""
        return self._genes[0]

    @property
    def n_genes(self) -> int:
        """How many genes all files have."""
        return self.genes.frame.height

    @property
    def place(self) -> str:
        """Where the raw counts are; several places in the order in which files have them first."""
        return ", ".join(dict.fromkeys(file.counts.says for file in self._files))

    def normalised_to(self) -> Values:
        """For each cell the total that its counts were recovered from; NaN where they were read as they are."""
        totals = [file.counts.reading.total for file in self._files]
        return np.repeat([np.nan if total is None else total for total in totals], np.diff(self._starts))

    def barcodes(self) -> list[str]:
        """Names of the cells in their files."""
        return [name for file in self._files for name in file.obs.index()]

    def sources(self) -> list[str]:
        """The file of each cell, with its folders as far as they tell it from the others."""
        names = source_names([file.path for file in self._files])
        return [name for name, file in zip(names, self._files, strict=True) for _ in range(file.n_cells)]

    def group_of_file(self) -> Rows:
        """The number of each cell's file."""
        return np.repeat(np.arange(len(self._files)), np.diff(self._starts))

    def column(self, name: str, setting: str) -> ObsColumn:
        """An obs column over all cells. Raises RequestError if a file lacks it, or it cannot be read."""
        for file in self._files:
            refuse_unknown(name, file.obs.columns, setting, str(file.path))
        return ObsColumn.joined([ObsColumn.of(file.obs.column(name)) for file in self._files])

    def column_if_any(self, name: str) -> ObsColumn | None:
        """An obs column that files may lack, whose cells then have no value; None if all files lack it."""
        having = [name in file.obs.columns for file in self._files]
        parts = [
            ObsColumn.of(file.obs.column(name)) if has else ObsColumn.category(np.full(file.n_cells, None))
            for file, has in zip(self._files, having, strict=True)
        ]
        return ObsColumn.joined(parts) if any(having) else None

    def rows(self, wanted: Rows) -> csr_matrix:
        """Raw counts float32 [len(wanted), n_genes] of the rows ``wanted`` (ascending), a slice of a file at a time."""
        borders = np.searchsorted(wanted, self._starts)
        pieces = []
        for i, file in enumerate(self._files):
            own = wanted[borders[i] : borders[i + 1]] - self._starts[i]
            pieces.append(self._genes[i].merge(file.counts.rows(own)))
        return stack(pieces, self.n_genes)


def _open(file: MatrixFile, settings: CellsSettings) -> CellFile:
    counts = find_counts(file, settings.counts, settings.genome, settings.values, settings.recover)
    return CellFile(file.path, counts.expression.obs, counts, identify_genes(counts.expression.var, file.path))
