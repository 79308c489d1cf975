"""Which files a study's ``cells.path`` stands for, what they are called, and what their contents are.

A folder of files is the list of them, as long as all have one format: the same cells may lie there in two.
"""

from collections.abc import Sequence
from itertools import combinations, groupby
from pathlib import Path

from tasks.cells import sample
from tasks.cells.formats.folders import is_zarr, matrices, matrix_parts, visible
from tasks.cells.formats.unread import head_of, unread_folder
from tasks.store import RequestError, content_key, sha256_once

HDF5 = b"\x89HDF\r\n\x1a\n"


def find_files(paths: Sequence[str]) -> list[Path]:
    """The cell files of a study, folders of several replaced by what is in them; ``sample`` is the bundled one.

    Raises RequestError if one is not there, or if two have the same content.
    """
    named = [sample.path("pbmc3k.h5ad") if path == "sample" else Path(path).expanduser() for path in paths]
    found = [each for path in named for each in _expanded(path)]
    for first, second in combinations(found, 2):
        if content_of(first) == content_of(second):
            raise RequestError(f"cells.path: {first} and {second} hold the same bytes: name one of them")
    return found


def source_names(paths: Sequence[Path]) -> list[str]:
    """What tells the files apart: the name, with as many of the folders before it as that takes."""
    parts = [path.absolute().parts for path in paths]
    for taken in range(1, max(map(len, parts)) + 1):
        names = ["/".join(each[-taken:]) for each in parts]
        if len(set(names)) == len(names):
            return names
    raise RequestError(f"cells.path: names {paths[0]} twice")


def content_of(path: Path) -> str:
    """A hash of what a file, or each file of a folder, holds."""
    if is_zarr(path):
        inside = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("._"))
        return content_key([[str(each.relative_to(path)), sha256_once(each)] for each in inside])
    if path.is_dir() or matrices_named(path):
        parts = matrix_parts(path)
        return content_key([sha256_once(part) for part in (parts.matrix, parts.features, parts.barcodes)])
    return sha256_once(path)


def matrices_named(path: Path) -> bool:
    """Whether a path names one matrix of a folder."""
    return path in matrices(path.parent)


def _expanded(path: Path) -> list[Path]:
    if not path.exists():
        raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
    if not path.is_dir() or is_zarr(path):
        return [path]
    found = matrices(path)
    if found:
        return [path] if len(found) == 1 else found
    inside = [child for child in visible(path) if _format(child)]
    if not inside:
        raise RequestError(f"cells.path: {path} is {unread_folder(path)}: give files of cells, or a folder of them")
    _require_one_format(path, inside)
    return inside


def _format(path: Path) -> str | None:
    """The format of what lies in a folder; None if it is none of those that folders are searched for."""
    if path.is_dir():
        return "zarr" if is_zarr(path) else "folder with matrix.mtx" if matrices(path) else None
    return path.suffix.lower() if path.is_file() and head_of(path, len(HDF5)) == HDF5 else None


def _require_one_format(folder: Path, found: Sequence[Path]) -> None:
    ordered = sorted(found, key=lambda each: str(_format(each)))
    kinds = {str(kind): list(paths) for kind, paths in groupby(ordered, _format)}
    if len(kinds) > 1:
        listed = "; ".join(f"{kind}: {', '.join(path.name for path in paths[:3])}" for kind, paths in kinds.items())
        raise RequestError(f"cells.path: {folder} has cells in several formats ({listed}): name the files you mean")
    names = {path.name for path in found}
    doubled = [name for name in names if "filtered" in name and name.replace("filtered", "raw") in names]
    if doubled:
        raise RequestError(f"cells.path: {folder} has all barcodes beside {doubled[0]}: name the files you mean")
