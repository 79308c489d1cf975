"""``.loom`` files: genes in rows, cells in columns, dense and in small chunks, of which whole bands are read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from tasks.cells.formats.failures import reading
from tasks.cells.formats.protocol import Annotation, Matrix, Node, no_matrix
from tasks.cells.slices import SAMPLE_BLOCKS, Rows, Values, stack, track_slices
from tasks.store import RequestError

CELL_NAMES = ("CellID", "cell_id", "cell_names", "obs_names", "barcode", "barcodes")
GENE_NAMES = ("Gene", "gene", "gene_names", "GeneName", "gene_name", "var_names", "Accession", "ensembl_ids")
IDS = ("Accession", "accession", "ensembl_ids", "ensembl_id", "gene_ids", "gene_id")  # read as gene_ids
SLICE_VALUES = 8_000_000


class LoomFile:
    """See MatrixFile. The main matrix is ``X``."""

    def __init__(self, path: Path, file: Node) -> None:
        self.path = path
        self._file = file

    def places(self) -> list[str]:
        """See MatrixFile."""
        return ["X", *(f"layers/{name}" for name in (self._file.get("layers") or {}))]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        if place not in self.places():
            raise no_matrix(self, place)
        return TurnedOnDisk(self._file["matrix" if place == "X" else place], f"{place} of {self.path}")

    def obs(self, place: str) -> Annotation:
        """See MatrixFile."""
        return LoomAttributes(self._file["col_attrs"], f"col_attrs of {self.path}", CELL_NAMES)

    def var(self, place: str) -> Annotation:
        """See MatrixFile."""
        return LoomAttributes(self._file["row_attrs"], f"row_attrs of {self.path}", GENE_NAMES, IDS)


class LoomAttributes:
    """See Annotation. Names stand in the first of ``naming`` that is there; the first of ``ids`` is ``gene_ids``."""

    def __init__(self, group: Node, name: str, naming: Sequence[str], ids: Sequence[str] = ()) -> None:
        self.name = name
        self._group = group
        self._index = next((each for each in naming if each in group), None)
        if self._index is None:
            raise RequestError(f"{name} has no names: one of {', '.join(naming)} was expected")
        found = next((each for each in ids if each in group), None)
        self._renamed = {"gene_ids": found} if found else {}

    @property
    def columns(self) -> list[str]:
        """See Annotation: attributes with one value per row."""
        plain = [name for name in self._group if getattr(self._group[name], "ndim", 0) == 1 and name != self._index]
        return list(dict.fromkeys([*plain, *self._renamed]))

    @property
    def n_rows(self) -> int:
        """See Annotation."""
        return int(self._group[self._index].shape[0])

    def index(self) -> list[str]:
        """See Annotation."""
        return [str(value) for value in self._values(str(self._index))]

    def column(self, name: str) -> pd.Series:
        """See Annotation."""
        column = self._values(self._renamed.get(name, name))
        if len(column) != self.n_rows:
            raise RequestError(f"{self.name} has {self.n_rows:,} rows, {name} {len(column):,}: the file is damaged")
        return pd.Series(column)

    def _values(self, name: str) -> Sequence[object]:
        with reading(f"{self.name}, {name},", self._group):
            values = self._group[name][:]
        if values.dtype.kind not in "OS":
            return values  # type: ignore[no-any-return]
        return [value.decode() if isinstance(value, bytes) else value for value in values]


class TurnedOnDisk:
    """A dense array with cells in columns."""

    def __init__(self, values: Node, name: str) -> None:
        self.shape: tuple[int, int] = tuple(values.shape)[::-1]
        self.name = name
        self._values = values
        self.stored_per_row = float(self.shape[1])

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        if not len(wanted):
            return stack([], self.shape[1])
        bands = np.split(wanted, np.flatnonzero(np.diff(wanted // self._width)) + 1)
        with reading(self.name, self._values):
            return stack([self._band(band) for band in track_slices(bands)], self.shape[1])

    def sample(self) -> Values:
        """See Matrix."""
        starts = np.unique(np.linspace(0, max(0, self.shape[0] - 1), SAMPLE_BLOCKS).astype(np.int64))
        with reading(self.name, self._values):
            values = np.concatenate([self._values[:, start].astype(np.float64) for start in starts[: self.shape[0]]])
        return np.asarray(values[values != 0])

    @property
    def _width(self) -> int:
        """Cells of a band: whole chunks, as many as memory is given for."""
        chunk = self._values.chunks[1] if self._values.chunks else 1
        return int(max(1, SLICE_VALUES // max(1, self.shape[1] * chunk)) * chunk)

    def _band(self, wanted: Rows) -> csr_matrix:
        first = int(wanted[0])
        band = np.asarray(self._values[:, first : int(wanted[-1]) + 1], dtype=np.float32)
        return csr_matrix(band[:, wanted - first].T)
