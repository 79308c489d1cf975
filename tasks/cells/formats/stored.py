"""Whether the arrays of a stored sparse matrix fit together, and reading no more of them than is asked for."""

import h5py
import numpy as np

from tasks.cells.formats.protocol import Node
from tasks.cells.slices import Rows
from tasks.store import RequestError


def require_sound(name: str, indptr: Rows, n_major: int, n_data: int, n_indices: int) -> None:
    """Raise RequestError if the arrays of a compressed matrix contradict its shape or one another."""
    if len(indptr) != n_major + 1:
        raise RequestError(
            f"{name} has a shape of {n_major:,} along its compressed axis and pointers for {len(indptr) - 1:,}: the "
            "file is damaged"
        )
    if indptr[0] != 0 or (np.diff(indptr) < 0).any() or not indptr[-1] == n_data == n_indices:
        raise RequestError(
            f"{name} has {n_data:,} values, {n_indices:,} indices and pointers up to {indptr[-1]:,}: the file is "
            "damaged"
        )


def require_whole(name: str, data: Node, indices: Node) -> None:
    """Raise RequestError if a zarr array lacks chunks: they would be read as zeros.

    A chunk of zeros is not written. Stored values are none, and indices only where a chunk has a single one.
    """
    if isinstance(data, h5py.Dataset):
        return
    for array, alone in ((data, False), (indices, True)):
        lacking = array.nchunks - array.nchunks_initialized
        if lacking > (alone and array.shape[0] % array.chunks[0] == 1):
            raise RequestError(f"{name} lacks {lacking} of {array.nchunks} chunks: copy the whole folder again")


def exact_reads(group: Node, name: str) -> Node:
    """An array of a group, opened so that uncompressed chunks of an HDF5 file are read only as far as is asked for.

    By default HDF5 reads whole chunks of up to 1 MiB into its cache, which for a few cells is most of the file. What
    holds is how a data set was first opened, for as long as any handle to it is open.
    """
    if not isinstance(group, h5py.Group) or not _in_plain_chunks(group[name]):
        return group[name]
    access = h5py.h5p.create(h5py.h5p.DATASET_ACCESS)
    access.set_chunk_cache(1, 0, 1.0)
    return h5py.Dataset(h5py.h5d.open(group.id, name.encode(), access))


def _in_plain_chunks(values: h5py.Dataset) -> bool:
    return values.chunks is not None and values.id.get_create_plist().get_nfilters() == 0
