"""``obs`` or ``var`` of an open .h5ad file, read column by column: what nobody asks for is not read, however it is.

Three layouts: a group of typed columns (anndata 0.8 and later), a group whose columns refer to their categories (0.7),
a structured array whose categories stand in ``uns`` (before 0.7).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem
from numpy.typing import NDArray

from tasks.store import RequestError


class AnnotationOnDisk:
    """One row per cell (or gene). ``name`` says in messages what is read: ``obs of FILE``."""

    def __init__(self, node: h5py.Group | h5py.Dataset, name: str) -> None:
        self.name = name
        self._node = node

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        if isinstance(self._node, h5py.Dataset):
            return list(self._node.dtype.names[1:])
        with self._explained("its columns"):
            index = self._node.attrs["_index"]
            return [str(name) for name in self._node.attrs.get("column-order", []) if name != index]

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        if isinstance(self._node, h5py.Dataset):
            return len(self._node)
        with self._explained("its index"):
            return len(self._node[self._node.attrs["_index"]])

    def index(self) -> list[str]:
        """Names of the rows. Raises RequestError if they cannot be read."""
        if isinstance(self._node, h5py.Dataset):
            return [str(name) for name in self._old_column(self._node.dtype.names[0])]
        with self._explained("its index"):
            return [str(name) for name in read_elem(self._node[self._node.attrs["_index"]])]

    def column(self, name: str) -> pd.Series:
        """One column. Raises RequestError if it cannot be read, KeyError if there is none."""
        if name not in self.columns:
            raise KeyError(name)
        with self._explained(f"column {name}"):
            if isinstance(self._node, h5py.Dataset):
                return pd.Series(self._old_column(name))
            return pd.Series(_read(self._node[name]))

    def read(self, wanted: Iterable[str]) -> pd.DataFrame:
        """Those of the columns ``wanted`` that are there."""
        present = set(self.columns)
        columns = {name: self.column(name).array for name in wanted if name in present}
        return pd.DataFrame(columns, index=pd.Index(self.index()))

    def _old_column(self, name: str) -> NDArray[np.generic] | pd.Categorical:
        values = _decode(self._node[name])
        categories = self._node.file.get(f"uns/{name}_categories")
        return values if categories is None else pd.Categorical.from_codes(values, _decode(categories[:]))

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn what anndata and h5py raise, which is of many kinds, into one line."""
        try:
            yield
        except Exception as error:
            reason = str(error).partition("\n")[0]
            raise RequestError(f"{self.name} cannot be read ({what}: {reason}): is the file whole?") from error


def _read(node: h5py.Group | h5py.Dataset) -> object:
    reference = node.attrs.get("categories") if isinstance(node, h5py.Dataset) else None
    if isinstance(reference, h5py.Reference):
        return pd.Categorical.from_codes(node[:], read_elem(node.file[reference]))
    return read_elem(node)


def _decode(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Byte strings as text."""
    if values.dtype.kind == "O":
        return np.array([value.decode() if isinstance(value, bytes) else value for value in values], dtype=object)
    return values.astype(np.str_) if values.dtype.kind == "S" else values
