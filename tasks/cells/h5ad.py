"""Open an .h5ad file without loading it: its matrices, its obs and its var.

Files that anndata wrote before 0.7 are read too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from tasks.cells.annotation import AnnotationOnDisk
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

    def obs(self) -> AnnotationOnDisk:
        """Annotation of the cells, one row per cell."""
        return self._annotation("obs")

    def var(self, place: str) -> AnnotationOnDisk:
        """Annotation of the columns of the matrix at ``place``."""
        return self._annotation("raw.var" if place == "raw.X" else "var")

    def _node(self, name: str) -> h5py.Group | h5py.Dataset | None:
        """A member of the file. ``raw.X`` is a member of ``raw``, in old files a member of that name."""
        return self._file.get(name, self._file.get(name.replace("raw.", "raw/")))

    def _annotation(self, name: str) -> AnnotationOnDisk:
        return AnnotationOnDisk(self._node(name), f"{name} of {self.path}")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
