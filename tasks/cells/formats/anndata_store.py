"""An AnnData on disk, or a MuData of several: their matrices, obs and var, without loading them.

One reader serves HDF5 (``.h5ad``, ``.h5mu``) and zarr, whose groups have the same methods. Files that anndata wrote
before 0.7 are read too.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from tasks.cells.feature_types import Kind, kind_of
from tasks.cells.formats.annotation import AnnotationOnDisk
from tasks.cells.formats.matrix import open_matrix
from tasks.cells.formats.protocol import Annotation, Matrix, Node, no_matrix
from tasks.store import RequestError


class AnndataStore:
    """See MatrixFile. ``inside`` says in messages which part of a larger file this is."""

    def __init__(self, path: Path, group: Node, inside: str = "") -> None:
        self.path = path
        self._group, self._inside = group, inside

    def places(self) -> list[str]:
        """See MatrixFile."""
        layers = [f"layers/{name}" for name in (self._node("layers") or {})]
        return [name for name in ("X", *layers, "raw.X") if self._node(name) is not None]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        node = self._node(place)
        if node is None:
            raise no_matrix(self, f"{self._inside}{place}")
        return open_matrix(node, f"{self._inside}{place} of {self.path}")

    def obs(self, place: str) -> Annotation:
        """See MatrixFile."""
        return self._annotation("obs")

    def var(self, place: str) -> Annotation:
        """See MatrixFile."""
        return self._annotation("raw.var" if place == "raw.X" else "var")

    def _node(self, name: str) -> Node:
        """A member, None if it is not there. ``raw.X`` is a member of ``raw``, in old files a member of that name."""
        found = self._group.get(name)
        found = self._group.get(name.replace("raw.", "raw/")) if found is None else found
        return None if getattr(found, "shape", ()) is None else found  # an AnnData without X may have an empty one

    def _annotation(self, name: str) -> AnnotationOnDisk:
        node = self._node(name)
        if node is None:
            raise RequestError(f"{self.path} has no {self._inside}{name}: write it with anndata")
        return AnnotationOnDisk(node, f"{self._inside}{name} of {self.path}")


class MuDataStore:
    """Several modalities in one file; those that hold gene expression, as far as their names tell, have places."""

    def __init__(self, path: Path, group: Node) -> None:
        self.path = path
        self._group = group
        self._parts = {name: AnndataStore(path, group["mod"][name], f"mod/{name}/") for name in group["mod"]}

    def places(self) -> list[str]:
        """See MatrixFile."""
        kinds = {name: kind_of(name) for name in self._parts}
        wanted = [name for name, kind in kinds.items() if kind is Kind.EXPRESSION]
        wanted = wanted or [name for name, kind in kinds.items() if kind is None]
        if not wanted:
            raise RequestError(f"{self.path} holds no gene expression: its modalities are {', '.join(kinds)}")
        return [f"mod/{name}/{place}" for name in wanted for place in self._parts[name].places()]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        part, inner = self._at(place)
        return part.matrix(inner)

    def obs(self, place: str) -> Annotation:
        """Columns of the modality, then those of the whole file."""
        part, inner = self._at(place)
        own = part.obs(inner)
        if self._group.get("obs") is None:
            return own
        return JoinedObs(own, AnnotationOnDisk(self._group["obs"], f"obs of {self.path}"))

    def var(self, place: str) -> Annotation:
        """See MatrixFile."""
        part, inner = self._at(place)
        return part.var(inner)

    def _at(self, place: str) -> tuple[AnndataStore, str]:
        pieces = place.split("/", 2)
        if len(pieces) < 3 or pieces[0] != "mod" or pieces[1] not in self._parts:
            raise no_matrix(self, place)
        return self._parts[pieces[1]], pieces[2]


class JoinedObs:
    """Columns of ``own``, and those of ``whole``, which has more cells or the same in another order, by cell name."""

    def __init__(self, own: Annotation, whole: Annotation) -> None:
        self.name = own.name
        self._own, self._whole = own, whole

    @property
    def columns(self) -> list[str]:
        """See Annotation."""
        return list(dict.fromkeys([*self._own.columns, *self._whole.columns]))

    @property
    def n_rows(self) -> int:
        """See Annotation."""
        return self._own.n_rows

    def index(self) -> list[str]:
        """See Annotation."""
        return self._own.index()

    def column(self, name: str) -> pd.Series:
        """See Annotation."""
        if name in self._own.columns:
            return self._own.column(name)
        everywhere = pd.Index(self._whole.index())
        if not everywhere.is_unique:
            raise RequestError(f"{self._whole.name} has cells of one name: {name} cannot be matched to {self.name}")
        rows = everywhere.get_indexer(pd.Index(self._own.index()))
        if (rows < 0).any():
            raise RequestError(
                f"{self._whole.name} lacks {np.sum(rows < 0):,} cells of {self.name}: the file is damaged"
            )
        return self._whole.column(name).iloc[rows].reset_index(drop=True)
