"""The ``.h5`` files of Cell Ranger: features by barcodes, stored barcode by barcode.

Version 3 and later: one group ``matrix`` with all features. Version 2: one group per genome, with genes alone. A probe
matrix has several features per gene, whose counts are summed, and says which probes Cell Ranger filtered out.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tasks.cells.formats.failures import reading
from tasks.cells.formats.matrix import CsrOnDisk
from tasks.cells.formats.protocol import Annotation, Matrix, Node, TableAnnotation, no_matrix
from tasks.store import RequestError

PLACE = "X"
COLUMNS = {"feature_type": "feature_types", "genome": "genome"}


class TenxH5:
    """See MatrixFile."""

    def __init__(self, path: Path, file: Node, genome: str | None) -> None:
        self.path = path
        self._old = "matrix" not in file
        self._name = _genome_group(path, sorted(file), genome) if self._old else "matrix"
        self._group = file[self._name]

    def places(self) -> list[str]:
        """See MatrixFile."""
        return [PLACE]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        self._require(place)
        with reading(f"{self.path}", self._group):
            n_features, n_barcodes = (int(length) for length in self._group["shape"][:])
        return CsrOnDisk(self._group, (n_barcodes, n_features), f"matrix of {self.path}")

    def obs(self, place: str) -> Annotation:
        """See MatrixFile: barcodes and no columns."""
        return TableAnnotation(f"barcodes of {self.path}", self._texts("barcodes"))

    def var(self, place: str) -> Annotation:
        """See MatrixFile."""
        name = f"features of {self.path}"
        if self._old:
            names, ids = self._texts("gene_names"), self._texts("genes")
            return TableAnnotation(name, names, {"gene_ids": ids, "genome": [self._name] * len(ids)})
        features = self._group["features"]
        probes = "gene_id" in features
        ids = self._texts("features/gene_id" if probes else "features/id")
        names = self._texts("features/gene_name" if "gene_name" in features else "features/name")
        columns = {column: self._texts(f"features/{old}") for old, column in COLUMNS.items() if old in features}
        if "filtered_probes" in features:
            columns["feature_types"] = self._without_filtered(
                columns.get("feature_types", ["Gene Expression"] * len(ids))
            )
        return TableAnnotation(name, names, {"gene_ids": [each.split("|")[0] for each in ids], **columns})

    def _without_filtered(self, types: Sequence[str]) -> list[str]:
        """Types, in which probes that Cell Ranger leaves out of its gene counts are no gene expression."""
        kept = np.asarray(self._group["features/filtered_probes"][:]).astype(bool)
        if len(kept) != len(types):
            raise RequestError(
                f"filtered_probes of {self.path} has {len(kept):,} rows, features {len(types):,}: damaged"
            )
        return [kind if keep else "filtered probe" for kind, keep in zip(types, kept, strict=True)]

    def _texts(self, name: str) -> list[str]:
        with reading(f"{name} of {self.path}", self._group):
            return [value.decode() if isinstance(value, bytes) else str(value) for value in self._group[name][:]]

    def _require(self, place: str) -> None:
        if place != PLACE:
            raise no_matrix(self, place)


def is_tenx(file: Node) -> bool:
    """Whether an open HDF5 file is one of Cell Ranger's."""
    if "matrix" in file:
        return not hasattr(file["matrix"], "shape") and "barcodes" in file["matrix"] and "features" in file["matrix"]
    groups = [file[name] for name in file]
    return bool(groups) and all(not hasattr(each, "shape") and {"barcodes", "genes"} <= set(each) for each in groups)


def _genome_group(path: Path, genomes: list[str], wanted: str | None) -> str:
    if wanted is None and len(genomes) > 1:
        raise RequestError(f"{path} has genes of {' and '.join(genomes)}: say which to use in cells.genome")
    if wanted is not None and wanted not in genomes:
        raise RequestError(f"cells.genome: {path} has no genes of {wanted}: it has {', '.join(genomes)}")
    return wanted or genomes[0]
