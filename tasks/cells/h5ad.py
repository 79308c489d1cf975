"""Open an .h5ad file without loading it: its matrices, its obs and its var.

Files that anndata wrote before 0.7 are read too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem
from numpy.typing import NDArray

from tasks.cells.matrix import Matrix, open_matrix
from tasks.store import RequestError


class H5ad:
    """An open .h5ad file. Places of matrices are ``X``, ``raw.X`` and ``layers/NAME``."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path = path
        self._file = file

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["H5ad"]:
        """Open for reading. Raises RequestError if the file is missing, no .h5ad, or damaged."""
        if not path.is_file():
            raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
        try:
            with h5py.File(path, "r") as file:
                if not {"obs", "var"} <= set(file):
                    raise RequestError(f"{path} is HDF5 but no .h5ad (it lacks obs or var): write it with anndata")
                yield cls(path, file)
        except OSError as error:
            raise RequestError(f"{path} cannot be read as .h5ad ({_first_line(error)}): is it whole?") from error

    def places(self) -> list[str]:
        """Where matrices are."""
        layers = [f"layers/{name}" for name in self._file.get("layers", {})]
        return [name for name in ("X", *layers, "raw.X") if self._node(name) is not None]

    def matrix(self, place: str) -> Matrix:
        """The matrix at a place. Raises RequestError if there is none."""
        node = self._node(place)
        if node is None:
            raise RequestError(f"{self.path} has no matrix {place}: it has {', '.join(self.places())}")
        return open_matrix(node, place)

    def obs(self) -> pd.DataFrame:
        """Annotation of the cells, one row a cell."""
        return self._frame("obs")

    def var(self, place: str) -> pd.DataFrame:
        """Annotation of the columns of the matrix at ``place``."""
        return self._frame("raw.var" if place == "raw.X" else "var")

    def _node(self, name: str) -> h5py.Group | h5py.Dataset | None:
        """A member of the file. ``raw.X`` is a member of ``raw``, in old files a member of that name."""
        return self._file.get(name, self._file.get(name.replace("raw.", "raw/")))

    def _frame(self, name: str) -> pd.DataFrame:
        node = self._node(name)
        if isinstance(node, h5py.Dataset):
            return self._old_frame(node)
        try:
            frame: pd.DataFrame = read_elem(node)
        except Exception as error:  # anndata raises many kinds
            raise RequestError(f"{name} of {self.path} cannot be read ({_first_line(error)}): is it whole?") from error
        return frame

    def _old_frame(self, records: h5py.Dataset) -> pd.DataFrame:
        """A structured array whose categories stand in ``uns``, as anndata wrote before 0.7."""
        values = records[:]
        columns = {name: self._old_column(name, _decode(values[name])) for name in values.dtype.names}
        frame = pd.DataFrame(columns)
        return frame.set_index(frame.columns[0])

    def _old_column(self, name: str, values: NDArray[np.generic]) -> NDArray[np.generic] | pd.Categorical:
        categories = self._file.get(f"uns/{name}_categories")
        return values if categories is None else pd.Categorical.from_codes(values, _decode(categories[:]))


def _decode(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Byte strings as text."""
    if values.dtype.kind == "O":
        return np.array([value.decode() if isinstance(value, bytes) else value for value in values], dtype=object)
    return values.astype(np.str_) if values.dtype.kind == "S" else values


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
