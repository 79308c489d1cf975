"""What every format offers: matrices at named places, and annotation of their rows (cells) and columns (features)."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from scipy.sparse import csr_matrix

from tasks.cells.slices import Rows, Values
from tasks.store import RequestError

Node = Any  # a group or an array of h5py or zarr: they have the same methods and no common type


class Matrix(Protocol):
    """A two-dimensional matrix on disk, cells in rows."""

    shape: tuple[int, int]
    stored_per_row: float  # values of a row that are kept on average, at most

    def rows(self, wanted: Rows) -> csr_matrix:
        """Rows ``wanted`` (ascending), float32 [len(wanted), n_columns]. Raises RequestError if they are damaged."""

    def sample(self) -> Values:
        """Non-zero values from blocks spread over the matrix."""


class Annotation(Protocol):
    """One row per cell (or column of a matrix). ``name`` says in messages what is read: ``obs of FILE``."""

    name: str

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""

    @property
    def n_rows(self) -> int:
        """How many rows there are."""

    def index(self) -> list[str]:
        """Names of the rows. Raises RequestError if they cannot be read."""

    def column(self, name: str) -> pd.Series:
        """One column. Raises RequestError if it cannot be read, KeyError if there is none."""


class MatrixFile(Protocol):
    """An open file of cells. Places are ``X``, ``raw.X`` and ``layers/NAME``, behind ``GROUP/`` if there are groups."""

    @property
    def path(self) -> Path:
        """What was opened."""

    def places(self) -> list[str]:
        """Where matrices are that may hold counts of genes."""

    def matrix(self, place: str) -> Matrix:
        """The matrix at a place. Raises RequestError if there is none."""

    def obs(self, place: str) -> Annotation:
        """Annotation of the rows of the matrix at a place."""

    def var(self, place: str) -> Annotation:
        """Annotation of the columns of the matrix at a place."""


def no_matrix(file: MatrixFile, place: str) -> RequestError:
    """The line for a place that a file has no matrix at."""
    return RequestError(f"{file.path} has no matrix {place}: it has {', '.join(file.places())}")


class TableAnnotation:
    """Annotation that was read whole: names of rows, and columns of as many values."""

    def __init__(self, name: str, index: Sequence[str], columns: Mapping[str, Sequence[object]] | None = None) -> None:
        self.name = name
        self._index, self._columns = list(index), dict(columns or {})
        for column, values in self._columns.items():
            if len(values) != len(self._index):
                raise RequestError(
                    f"{name} has {len(self._index):,} rows, its column {column} {len(values):,}: the file is damaged"
                )

    @property
    def columns(self) -> list[str]:
        """See Annotation."""
        return list(self._columns)

    @property
    def n_rows(self) -> int:
        """See Annotation."""
        return len(self._index)

    def index(self) -> list[str]:
        """See Annotation."""
        return self._index

    def column(self, name: str) -> pd.Series:
        """See Annotation."""
        return pd.Series(list(self._columns[name]))


def read_columns(annotation: Annotation, wanted: Iterable[str]) -> pd.DataFrame:
    """Those of the columns ``wanted`` that are there; the others are not read."""
    present = set(annotation.columns)
    columns = {name: annotation.column(name).array for name in wanted if name in present}
    return pd.DataFrame(columns, index=pd.Index(annotation.index()))
