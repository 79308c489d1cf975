"""What lies in a folder: the three files of a matrix, with or without something before their names; or a zarr store.

Nothing is opened here, so that a study can be looked at quickly.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tasks.store import RequestError

ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata")
MATRIX = re.compile(r"(?i)(.*?)matrix\.mtx(\.gz)?")


@dataclass(frozen=True)
class MatrixParts:
    """Paths of the matrix, of the names of its features and of its barcodes."""

    matrix: Path
    features: Path
    barcodes: Path


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, by name, without hidden files: macOS puts ``._NAME`` beside every file that it copies."""
    return sorted(child for child in folder.iterdir() if not child.name.startswith("."))


def is_zarr(path: Path) -> bool:
    """Whether a folder is a zarr store."""
    return path.is_dir() and any((path / mark).exists() for mark in ZARR_MARKS)


def matrices(folder: Path) -> list[Path]:
    """The matrix files in a folder."""
    return [child for child in visible(folder) if child.is_file() and MATRIX.fullmatch(child.name)]


def matrix_parts(path: Path) -> MatrixParts:
    """The parts of a matrix file, or of the only one in a folder.

    Raises RequestError if a part is missing, or is there more than once.
    """
    found = matrices(path) if path.is_dir() else [path]
    if len(found) != 1:
        raise RequestError(f"{path} has several matrices: {', '.join(each.name for each in found)}: name one of them")
    match = MATRIX.fullmatch(found[0].name)
    before = match[1] if match else ""
    return MatrixParts(found[0], _part(found[0], before, "features", "genes"), _part(found[0], before, "barcodes"))


def _part(matrix: Path, before: str, *stems: str) -> Path:
    wanted = re.compile(rf"(?i){re.escape(before)}({'|'.join(stems)})\.(tsv|txt)(\.gz)?")
    found = [child for child in visible(matrix.parent) if wanted.fullmatch(child.name)]
    names = " or ".join(f"{before}{stem}.tsv.gz" for stem in stems)
    if not found:
        raise RequestError(f"{matrix} lacks {names} beside it: put it there under this name")
    if len(found) > 1:
        raise RequestError(f"{matrix} has {' and '.join(each.name for each in found)} beside it: keep one of them")
    return found[0]
