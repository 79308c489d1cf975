"""Open a file or folder of cells as what its content says it is, whatever it is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import zarr

from tasks.cells.formats.anndata_store import AnndataStore, MuDataStore
from tasks.cells.formats.failures import reading, register_filters
from tasks.cells.formats.folders import is_zarr, matrices, matrix_parts
from tasks.cells.formats.loom import LoomFile
from tasks.cells.formats.protocol import MatrixFile, Node
from tasks.cells.formats.tenx_folder import TenxFolder
from tasks.cells.formats.tenx_h5 import TenxH5, is_tenx
from tasks.cells.formats.text_table import TextTable
from tasks.cells.formats.unread import head_of, unread_file, unread_folder, unread_hdf5
from tasks.store import RequestError

READ = ".h5ad, .h5mu, .zarr, .loom, .h5 of Cell Ranger, a folder with matrix.mtx, or a table of counts as text"
MATRIX_MARKET = b"%%MatrixMarket"


@contextmanager
def open_cells(path: Path, genome: str | None = None) -> Iterator[MatrixFile]:
    """Open for reading; ``genome``: the one whose genes are wanted of a file that keeps each apart.

    Raises RequestError if there is nothing, no format that is read, or damage.
    """
    if not path.exists():
        raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
    if path.is_dir():
        yield _open_folder(path)
    elif h5py.is_hdf5(path):
        register_filters()
        with reading(str(path)):
            file = h5py.File(path, "r")
        with file:
            yield _open_hdf5(path, file, genome)
    else:
        yield _open_text(path)


def _open_hdf5(path: Path, file: Node, genome: str | None) -> MatrixFile:
    if is_tenx(file):
        return TenxH5(path, file, genome)
    if {"matrix", "row_attrs", "col_attrs"} <= set(file):
        return LoomFile(path, file)
    found = _anndata(path, file)
    if found is None:
        raise RequestError(f"{path} is HDF5 but no .h5ad (it lacks obs or var): {unread_hdf5(set(file))}")
    return found


def _open_folder(path: Path) -> MatrixFile:
    if is_zarr(path):
        with reading(str(path)):
            found = _anndata(path, zarr.open_group(path, mode="r"))
        if found is None:
            raise RequestError(f"{path} is zarr but no AnnData (it lacks obs or var): write it with anndata")
        return found
    if matrices(path):
        return TenxFolder(path, matrix_parts(path))
    raise RequestError(f"{path} is {unread_folder(path)}: give cells as {READ}")


def _open_text(path: Path) -> MatrixFile:
    with reading(str(path)):
        head = head_of(path) if path.is_file() else b""
    if head.startswith(MATRIX_MARKET):
        return TenxFolder(path, matrix_parts(path))
    told = unread_file(path, head)
    if told is None:
        return TextTable(path)
    raise RequestError(f"{path} is {told}: give cells as {READ}")


def _anndata(path: Path, group: Node) -> MatrixFile | None:
    members = set(group)
    if "mod" in members:
        return MuDataStore(path, group)
    return AnndataStore(path, group) if {"obs", "var"} <= members else None
