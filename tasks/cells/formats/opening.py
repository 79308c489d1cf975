"""Open a file or folder of cells as what its content says it is, whatever it is called."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import zarr

from tasks.cells.formats.anndata_store import AnndataStore, MuDataStore
from tasks.cells.formats.failures import reading, register_filters
from tasks.cells.formats.protocol import MatrixFile, Node
from tasks.cells.formats.unread import unread_file, unread_folder
from tasks.store import RequestError

READ = ".h5ad, .h5mu, .zarr"
ZARR_MARKS = ("zarr.json", ".zgroup", ".zmetadata")


@contextmanager
def open_cells(path: Path) -> Iterator[MatrixFile]:
    """Open for reading. Raises RequestError if there is nothing, no format that is read, or damage."""
    if not path.exists():
        raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
    if path.is_dir():
        yield _open_folder(path)
    elif h5py.is_hdf5(path):
        register_filters()
        with reading(str(path)):
            file = h5py.File(path, "r")
        with file:
            yield _open_hdf5(path, file)
    else:
        raise RequestError(f"{path} is {unread_file(path)}: give cells as {READ}")


def _open_hdf5(path: Path, file: Node) -> MatrixFile:
    members = set(file)
    if "mod" in members:
        return MuDataStore(path, file)
    if {"obs", "var"} <= members:
        return AnndataStore(path, file)
    raise RequestError(f"{path} is HDF5 but no .h5ad (it lacks obs or var): write it with anndata")


def _open_folder(path: Path) -> MatrixFile:
    if any((path / mark).exists() for mark in ZARR_MARKS):
        with reading(str(path)):
            group = zarr.open_group(path, mode="r")
            members = set(group)
        if "mod" in members:
            return MuDataStore(path, group)
        if {"obs", "var"} <= members:
            return AnndataStore(path, group)
        raise RequestError(f"{path} is zarr but no AnnData (it lacks obs or var): write it with anndata")
    raise RequestError(f"{path} is {unread_folder(path)}: give cells as {READ}")
