"""Matrices in HDF5 or zarr (CSR, CSC, dense), read a few rows at a time and never as a whole.

Memory is bounded by the rows asked for plus one slice; a CSC matrix is walked once by columns for each call.
"""

from itertools import pairwise

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from tasks.cells.formats.failures import reading
from tasks.cells.formats.protocol import Matrix, Node
from tasks.cells.formats.stored import exact_reads, require_sound, require_whole
from tasks.cells.slices import SAMPLE_VALUES, Floats, Rows, Values, runs, sample_values, stack, track_slices
from tasks.store import RequestError

SLICE_ROWS = 2048  # of a CSR matrix
SLICE_VALUES = 8_000_000  # of a dense matrix, or stored ones of a CSC matrix


class CompressedOnDisk:
    """A group with ``data``, ``indices`` and ``indptr``; ``n_major`` rows (or columns) of ``n_minor`` values."""

    def __init__(self, group: Node, shape: tuple[int, int], name: str, n_major: int, n_minor: int) -> None:
        self.shape, self.name = shape, name
        self._group, self._n_minor = group, n_minor
        with reading(name, group):
            self._data, self._indices = exact_reads(group, "data"), exact_reads(group, "indices")
            self._indptr: Rows = group["indptr"][:].astype(np.int64)
        require_sound(name, self._indptr, n_major, self._data.shape[0], self._indices.shape[0])
        self.stored_per_row = self._data.shape[0] / max(1, shape[0])
        require_whole(name, self._data, self._indices)

    def sample(self) -> Values:
        """See Matrix."""
        with reading(self.name, self._group):
            return sample_values(self._data, SAMPLE_VALUES)

    def _stored(self, first: int, stop: int) -> tuple[Floats, Rows]:
        """Values and minor indices of majors first to stop - 1."""
        stored = slice(int(self._indptr[first]), int(self._indptr[stop]))
        with reading(self.name, self._group):
            data, minor = self._data[stored].astype(np.float32), self._indices[stored].astype(np.int64)
        if len(minor) and not 0 <= minor.min() <= minor.max() < self._n_minor:
            raise RequestError(f"{self.name} has indices beyond its shape {self.shape}: the file is damaged")
        return data, minor


class CsrOnDisk(CompressedOnDisk):
    """Stored row by row."""

    def __init__(self, group: Node, shape: tuple[int, int], name: str) -> None:
        super().__init__(group, shape, name, *shape)

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        return stack([self._run(run) for run in track_slices(runs(wanted, SLICE_ROWS))], self.shape[1])

    def _run(self, run: Rows) -> csr_matrix:
        first, stop = int(run[0]), int(run[-1]) + 1
        data, indices = self._stored(first, stop)
        indptr = self._indptr[first : stop + 1] - self._indptr[first]
        return csr_matrix((data, indices, indptr), shape=(stop - first, self.shape[1]))[run - first]


class CscOnDisk(CompressedOnDisk):
    """Stored column by column."""

    def __init__(self, group: Node, shape: tuple[int, int], name: str) -> None:
        super().__init__(group, shape, name, shape[1], shape[0])

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        place = np.full(self.shape[0], -1, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        borders = np.searchsorted(self._indptr, np.arange(0, self._indptr[-1], SLICE_VALUES))
        slices = list(pairwise(np.unique([0, *borders, self.shape[1]]).tolist()))
        parts = [self._columns(first, stop, place) for first, stop in track_slices(slices)]
        row, column, data = (np.concatenate(part) for part in zip(*parts, strict=True))
        return csr_matrix(coo_matrix((data, (row, column)), shape=(len(wanted), self.shape[1])))

    def _columns(self, first: int, stop: int, place: Rows) -> tuple[Rows, Rows, Floats]:
        """Row, column and value of the wanted entries in columns first to stop - 1."""
        data, indices = self._stored(first, stop)
        row, column = place[indices], np.repeat(np.arange(first, stop), np.diff(self._indptr[first : stop + 1]))
        kept = row >= 0
        return row[kept], column[kept], data[kept]


class DenseOnDisk:
    """An array of two dimensions, cells in rows."""

    def __init__(self, values: Node, name: str) -> None:
        self.shape: tuple[int, int] = tuple(values.shape)
        self.name = name
        self.stored_per_row = float(self.shape[1])
        self._values = values

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        slices = runs(wanted, max(1, SLICE_VALUES // max(1, self.shape[1])))
        with reading(self.name, self._values):
            return stack([csr_matrix(self._run(run)) for run in track_slices(slices)], self.shape[1])

    def sample(self) -> Values:
        """See Matrix."""
        with reading(self.name, self._values):
            return sample_values(self._values, max(1, SAMPLE_VALUES // max(1, self.shape[1])))

    def _run(self, run: Rows) -> Floats:
        first = int(run[0])
        return np.asarray(self._values[first : int(run[-1]) + 1], dtype=np.float32)[run - first]


def open_matrix(node: Node, name: str) -> Matrix:
    """The matrix stored at ``node``; ``name`` says in messages which it is.

    Raises RequestError if it is damaged, or stored in a way that is not known.
    """
    if hasattr(node, "shape") and len(node.shape) == 2:
        return DenseOnDisk(node, name)
    kind = str(node.attrs.get("encoding-type", node.attrs.get("h5sparse_format", "")))
    shape = node.attrs.get("shape", node.attrs.get("h5sparse_shape"))
    if shape is None or not kind.startswith(("csr", "csc")):
        raise RequestError(f"{name} is neither CSR, CSC nor dense: write it anew with anndata")
    reader = CsrOnDisk if kind.startswith("csr") else CscOnDisk
    return reader(node, (int(shape[0]), int(shape[1])), name)
