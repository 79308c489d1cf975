"""``obs`` or ``var`` of an open AnnData, read column by column: what nobody asks for is not read, however it is.

Three layouts: a group of typed columns (anndata 0.8 and later), a group whose columns refer to their categories (0.7),
a structured array whose categories stand in ``uns`` (before 0.7).
"""

from contextlib import AbstractContextManager

import h5py
import numpy as np
import pandas as pd
from anndata.io import read_elem
from numpy.typing import NDArray

from tasks.cells.formats.failures import reading
from tasks.cells.formats.protocol import Node
from tasks.store import RequestError


class AnnotationOnDisk:
    """See Annotation."""

    def __init__(self, node: Node, name: str) -> None:
        self.name = name
        self._node = node
        self._structured = hasattr(node, "shape")

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        if self._structured:
            return list(self._node.dtype.names[1:])
        with self._explained("its columns"):
            index = self._node.attrs["_index"]
            return [str(name) for name in self._node.attrs.get("column-order", []) if name != index]

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        if self._structured:
            return len(self._node)
        with self._explained("its index"):
            return length(self._node[self._node.attrs["_index"]])

    def index(self) -> list[str]:
        """Names of the rows. Raises RequestError if they cannot be read."""
        if self._structured:
            return [str(name) for name in self._old_column(self._node.dtype.names[0])]
        with self._explained("its index"):
            return [str(name) for name in read_elem(self._node[self._node.attrs["_index"]])]

    def column(self, name: str) -> pd.Series:
        """One column. Raises RequestError if it cannot be read or has another length, KeyError if there is none."""
        if name not in self.columns:
            raise KeyError(name)
        with self._explained(f"column {name}"):
            values = self._old_column(name) if self._structured else _read(self._node[name])
            column = pd.Series(values)
        if len(column) != self.n_rows:
            raise RequestError(
                f"{self.name} has {self.n_rows:,} rows, its column {name} {len(column):,}: the file is damaged"
            )
        return column

    def _old_column(self, name: str) -> NDArray[np.generic] | pd.Categorical:
        with self._explained(f"column {name}"):
            values = _decode(self._node[name])
            categories = self._node.file.get(f"uns/{name}_categories")
            return values if categories is None else pd.Categorical.from_codes(values, _decode(categories[:]))

    def _explained(self, what: str) -> AbstractContextManager[None]:
        return reading(f"{self.name}, {what},", self._node)


def length(node: Node) -> int:
    """Values of a column: an array, or a group with codes (a categorical) or with values and a mask."""
    if hasattr(node, "shape"):
        return int(node.shape[0])
    return int(node["codes" if "codes" in node else "values"].shape[0])


def _read(node: Node) -> object:
    reference = node.attrs.get("categories") if isinstance(node, h5py.Dataset) else None
    if isinstance(reference, h5py.Reference):
        return pd.Categorical.from_codes(node[:], read_elem(node.file[reference]))
    return read_elem(node)


def _decode(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Byte strings as text."""
    if values.dtype.kind == "O":
        return np.array([value.decode() if isinstance(value, bytes) else value for value in values], dtype=object)
    return values.astype(np.str_) if values.dtype.kind == "S" else values
