"""Folders of ``matrix.mtx``, ``features.tsv`` (or ``genes.tsv``) and ``barcodes.tsv``, packed with gzip or not.

A matrix of text cannot be entered in the middle: every call walks it once, a block of entries at a time, and keeps the
cells asked for.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix

from tasks.cells.formats.failures import reading
from tasks.cells.formats.folders import MatrixParts
from tasks.cells.formats.protocol import Annotation, Matrix, TableAnnotation, no_matrix
from tasks.cells.slices import Floats, Rows, Values
from tasks.store import RequestError

PLACE = "X"
BLOCK = 2_000_000  # entries
SAMPLED = 200_000  # entries from the front that tell whether values are counts; every cell in use is checked later
HEADERS = frozenset(
    {"gene", "gene_id", "gene_ids", "id", "symbol", "name", "feature", "features", "barcode", "barcodes"}
)


class TenxFolder:
    """See MatrixFile. ``path`` is the folder, or the matrix file where a folder has several."""

    def __init__(self, path: Path, parts: MatrixParts) -> None:
        self.path = path
        self._parts = parts
        self._features, self._barcodes = _table(parts.features), _table(parts.barcodes)
        with reading(str(parts.matrix)):
            lengths = _lengths(parts.matrix)
        self._matrix = MatrixText(parts.matrix, lengths, self._turned(lengths))

    def places(self) -> list[str]:
        """See MatrixFile."""
        return [PLACE]

    def matrix(self, place: str) -> Matrix:
        """See MatrixFile."""
        if place != PLACE:
            raise no_matrix(self, place)
        return self._matrix

    def obs(self, place: str) -> Annotation:
        """See MatrixFile: barcodes and no columns."""
        return TableAnnotation(str(self._parts.barcodes), [row[0] for row in self._barcodes])

    def var(self, place: str) -> Annotation:
        """See MatrixFile: ids, names and, from Cell Ranger 3 on, types."""
        rows = self._features
        columns = {"gene_ids": [row[0] for row in rows]}
        if all(len(row) > 2 for row in rows):
            columns["feature_types"] = [row[2] for row in rows]
        return TableAnnotation(str(self._parts.features), [row[1] if len(row) > 1 else row[0] for row in rows], columns)

    def _turned(self, lengths: tuple[int, int, int]) -> bool:
        """Whether cells stand in rows. Cell Ranger puts them in columns; others do not, and a header may be there."""
        for names in (self._features, self._barcodes):
            if len(names) - 1 in lengths[:2] and len(names) not in lengths[:2] and names[0][0].casefold() in HEADERS:
                del names[0]
        named = (len(self._features), len(self._barcodes))
        if named not in (lengths[:2], lengths[1::-1]):
            raise RequestError(
                f"{self._parts.matrix} is {lengths[0]:,} by {lengths[1]:,}, beside it are {named[0]:,} features and "
                f"{named[1]:,} barcodes: the files do not belong together, or one is damaged"
            )
        return named != lengths[:2]


class MatrixText:
    """A Matrix Market file; ``lengths``: its rows, columns and entries; ``turned``: cells stand in rows."""

    def __init__(self, path: Path, lengths: tuple[int, int, int], turned: bool) -> None:
        self._path, self._lengths, self._turned = path, lengths, turned
        self.shape: tuple[int, int] = lengths[:2] if turned else lengths[1::-1]
        self.stored_per_row = lengths[2] / max(1, self.shape[0])

    def rows(self, wanted: Rows) -> csr_matrix:
        """See Matrix."""
        place = np.full(self.shape[0], -1, dtype=np.int64)
        place[wanted] = np.arange(len(wanted))
        kept: list[tuple[Rows, Rows, Floats]] = [(wanted[:0], wanted[:0], np.empty(0, dtype=np.float32))]
        number = 0
        for cell, feature, value in self._blocks(BLOCK):
            number += len(cell)
            row = place[cell]
            used = row >= 0
            kept.append((row[used], feature[used], value[used].astype(np.float32)))
        if number != self._lengths[2]:
            raise RequestError(f"{self._path} has {number:,} of {self._lengths[2]:,} entries: is the file whole?")
        row, feature, value = (np.concatenate(part) for part in zip(*kept, strict=True))
        return csr_matrix(coo_matrix((value, (row, feature)), shape=(len(wanted), self.shape[1])))

    def sample(self) -> Values:
        """See Matrix; from the front of the file."""
        values = next((value for _, _, value in self._blocks(SAMPLED)), np.empty(0))
        return np.asarray(values[values != 0])

    def _blocks(self, size: int) -> Iterator[tuple[Rows, Rows, Values]]:
        """Cells, features and values of the entries, a block at a time."""
        if not self._lengths[2]:
            return
        with reading(str(self._path)), unpacked(self._path) as file:
            _skip_to_lengths(file)
            types = {0: np.int64, 1: np.int64, 2: np.float64}
            for block in pd.read_csv(file, sep=r"\s+", header=None, dtype=types, chunksize=size):
                first, second = block[0].to_numpy() - 1, block[1].to_numpy() - 1
                for index, length in zip((first, second), self._lengths, strict=False):
                    if not 0 <= index.min() <= index.max() < length:
                        raise RequestError(
                            f"{self._path} has entries beyond its {length:,} rows or columns: it is damaged"
                        )
                cell, feature = (first, second) if self._turned else (second, first)
                yield cell, feature, block[2].to_numpy()


def unpacked(path: Path) -> IO[bytes]:
    """A file open for reading, whether or not it is packed with gzip, which its first bytes tell."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _lengths(path: Path) -> tuple[int, int, int]:
    """Rows, columns and entries. Raises RequestError for a layout other than numbers at coordinates."""
    with unpacked(path) as file:
        banner = file.readline().decode().split()
        if banner[:3] != ["%%MatrixMarket", "matrix", "coordinate"] or banner[3:] not in (
            ["integer", "general"],
            ["real", "general"],
        ):
            raise RequestError(f"{path} begins with {' '.join(banner)[:80]}: expected coordinates of numbers, general")
    with unpacked(path) as file:
        n_rows, n_columns, n_entries = _skip_to_lengths(file)
    return n_rows, n_columns, n_entries


def _skip_to_lengths(file: IO[bytes]) -> list[int]:
    """The line with the lengths, behind the comments."""
    for line in file:
        if not line.startswith(b"%") and line.strip():
            return [int(word) for word in line.split()]
    raise ValueError("it ends before its first entry")


def _table(path: Path) -> list[list[str]]:
    with reading(str(path)), unpacked(path) as file:
        lines = file.read().decode("utf-8-sig").splitlines()
    return [[word.strip().strip('"') for word in line.split("\t")] for line in lines if line.strip()]
