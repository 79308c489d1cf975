"""Matrices inside an .h5ad file (CSR, CSC, dense), read a few rows at a time and never as a whole.

Memory is bounded by the rows asked for plus one slice; a CSC matrix is walked once by columns for each call.
"""

from itertools import pairwise
from typing import Protocol

import h5py
import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from tasks.cells.slices import SAMPLE_VALUES, Floats, Rows, Values, runs, sample_values, stack, track_slices
from tasks.store import RequestError

SLICE_ROWS = 2048  # of a CSR matrix
SLICE_VALUES = 8_000_000  # of a dense matrix, or stored ones of a CSC matrix


class Matrix(Protocol):
    """A two-dimensional matrix on disk."""

    shape: tuple[int, int]

    def rows(self, wanted: Rows) -> csr_matrix:
        """Rows ``wanted`` (ascending), float32 [len(wanted), n_columns]."""

    def sample(self) -> Values:
        """Non-zero values from blocks spread over the whole matrix."""


class CsrOnDisk:
    """A group with ``data``, ``indices`` and ``indptr`` over rows."""

    def __init__(self, group: h5py.Group, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._group = group
        self._indptr: Rows = group["indptr"][:].astype(np.int64)

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        return stack([self._run(run) for run in track_slices(runs(wanted, SLICE_ROWS))], self.shape[1])

    def sample(self) -> Values:
        """See Matrix."""
        return sample_values(self._group["data"], SAMPLE_VALUES)

    def _run(self, run: Rows) -> csr_matrix:
        first, stop = int(run[0]), int(run[-1]) + 1
        stored = slice(int(self._indptr[first]), int(self._indptr[stop]))
        data, indices = self._group["data"][stored].astype(np.float32), self._group["indices"][stored]
        indptr = self._indptr[first : stop + 1] - stored.start
        return csr_matrix((data, indices, indptr), shape=(stop - first, self.shape[1]))[run - first]


class CscOnDisk:
    """A group with ``data``, ``indices`` and ``indptr`` over columns."""

    def __init__(self, group: h5py.Group, shape: tuple[int, int]) -> None:
        self.shape = shape
        self._group = group
        self._indptr: Rows = group["indptr"][:].astype(np.int64)

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        place = np.full(self.shape[0], -1, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        borders = np.searchsorted(self._indptr, np.arange(0, self._indptr[-1], SLICE_VALUES))
        slices = list(pairwise(np.unique([0, *borders, self.shape[1]]).tolist()))
        parts = [self._columns(first, stop, place) for first, stop in track_slices(slices)]
        row, column, data = (np.concatenate(part) for part in zip(*parts, strict=True))
        return csr_matrix(coo_matrix((data, (row, column)), shape=(len(wanted), self.shape[1])))

    def sample(self) -> Values:
        """See Matrix."""
        return sample_values(self._group["data"], SAMPLE_VALUES)

    def _columns(self, first: int, stop: int, place: Rows) -> tuple[Rows, Rows, Floats]:
        """Row, column and value of the wanted entries in columns first to stop - 1."""
        stored = slice(int(self._indptr[first]), int(self._indptr[stop]))
        row = place[self._group["indices"][stored]]
        column = np.repeat(np.arange(first, stop), np.diff(self._indptr[first : stop + 1]))
        kept = row >= 0
        return row[kept], column[kept], self._group["data"][stored][kept].astype(np.float32)


class DenseOnDisk:
    """A data set of two dimensions."""

    def __init__(self, values: h5py.Dataset) -> None:
        self.shape: tuple[int, int] = values.shape
        self._values = values

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        slices = runs(wanted, max(1, SLICE_VALUES // max(1, self.shape[1])))
        return stack([csr_matrix(self._run(run)) for run in track_slices(slices)], self.shape[1])

    def sample(self) -> Values:
        """See Matrix."""
        return sample_values(self._values, max(1, SAMPLE_VALUES // max(1, self.shape[1])))

    def _run(self, run: Rows) -> Floats:
        first = int(run[0])
        return np.asarray(self._values[first : int(run[-1]) + 1], dtype=np.float32)[run - first]


def open_matrix(node: h5py.Group | h5py.Dataset, name: str) -> Matrix:
    """The matrix stored at ``node``. Raises RequestError if it is stored in a way that is not known."""
    if isinstance(node, h5py.Dataset) and node.ndim == 2:
        return DenseOnDisk(node)
    kind = str(node.attrs.get("encoding-type", node.attrs.get("h5sparse_format", "")))
    shape = node.attrs.get("shape", node.attrs.get("h5sparse_shape"))
    if shape is None or not kind.startswith(("csr", "csc")):
        raise RequestError(f"{name} of {node.file.filename} is neither CSR, CSC nor dense: write it anew with anndata")
    reader = CsrOnDisk if kind.startswith("csr") else CscOnDisk
    return reader(node, (int(shape[0]), int(shape[1])))
