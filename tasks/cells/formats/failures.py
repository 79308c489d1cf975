"""Why a file cannot be read, in one line: a missing filter, a lock, a permission, an unknown encoding, or damage."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

import h5py

from tasks.cells.formats.protocol import Node
from tasks.store import RequestError
from tasks.store.errors import ScfmError

OF_THE_SYSTEM = {
    errno.EACCES: "this account may not read it: ask for permission",
    errno.EPERM: "this account may not read it: ask for permission",
    errno.ENOENT: "it is no longer there",
    errno.EMFILE: "this process has too many files open: raise the limit with ulimit -n",
    errno.ENFILE: "this machine has too many files open",
    errno.ESTALE: "the network drive lost it: mount it again",
    errno.EIO: "the disk or network drive fails: copy it elsewhere",
}


@contextmanager
def reading(what: str, node: Node = None) -> Iterator[None]:
    """Turn whatever h5py, zarr and anndata raise, which is of many kinds, into one line about ``what``.

    ``node``: what is read, in whose file an unknown filter is looked for. Raises RequestError.
    """
    try:
        yield
    except (ScfmError, MemoryError):
        raise
    except Exception as error:
        raise RequestError(f"{what} cannot be read {explained(error, node)}") from error


def explained(error: Exception, node: Node = None) -> str:
    """The cause in brackets or behind a colon, and what to do."""
    first_line = str(error).partition("\n")[0]
    lacking = missing_filters(node)
    if lacking:
        return (
            f"here: it needs the HDF5 filter {' and '.join(lacking)}. Install it (pip install hdf5plugin), or "
            "write the file with gzip"
        )
    if "unable to lock" in first_line:
        return "now: another process has it open for writing. Wait until that is done, or give a copy"
    if isinstance(error, OSError) and error.errno in OF_THE_SYSTEM:
        return f"({OF_THE_SYSTEM[error.errno]})"
    if type(error).__name__ == "IORegistryError":
        return f"({first_line}): write it with an earlier version of anndata, or leave this column out"
    return f"({first_line}): is the file whole?"


def missing_filters(node: Node) -> list[str]:
    """Names of the filters that data sets of an HDF5 file use and this HDF5 lacks."""
    found: set[str] = set()

    def note(_name: str, item: Node) -> None:
        if isinstance(item, h5py.Dataset):
            made = item.id.get_create_plist()
            filters = [made.get_filter(i) for i in range(made.get_nfilters())]
            found.update(_name_of(one[0], one[3]) for one in filters if not h5py.h5z.filter_avail(one[0]))

    if isinstance(node, h5py.Group | h5py.Dataset):
        with suppress(Exception):  # of a damaged file, which is then called so
            node.file.visititems(note)
    return sorted(found)


def register_filters() -> None:
    """Make the filters of package hdf5plugin known where it is installed; it is not needed otherwise."""
    with suppress(ImportError):
        import_module("hdf5plugin")


def _name_of(code: int, name: bytes) -> str:
    known = {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd", 32026: "blosc2"}
    return known.get(code) or name.decode(errors="replace") or str(code)
