"""Reading a large matrix in slices: runs of rows, evenly spread samples, progress."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from tasks.store.progress import track

GAP = 16  # unwanted rows that are cheaper to read than to skip
SAMPLE_BLOCKS, SAMPLE_VALUES = 10, 20_000

Item = TypeVar("Item")
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Values = NDArray[np.float64]


class Stored(Protocol):
    """An array on disk, of h5py or zarr."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its length along every axis."""

    def __getitem__(self, part: slice) -> NDArray[np.generic]:
        """Values of a part, read from disk."""


def runs(wanted: Rows, longest: int) -> list[Rows]:
    """Cut ascending row numbers into runs without long gaps, none over a border between ``longest`` rows."""
    if not len(wanted):
        return []
    cuts = (np.diff(wanted) > GAP) | (np.diff(wanted // longest) > 0)
    return np.split(wanted, np.flatnonzero(cuts) + 1)


def stack(pieces: Sequence[csr_matrix], n_columns: int) -> csr_matrix:
    """Pieces one below the other; no piece makes a matrix without rows."""
    return csr_matrix(vstack(pieces)) if pieces else csr_matrix((0, n_columns), dtype=np.float32)


def sample_values(values: Stored, block: int) -> Values:
    """Non-zero values of ``SAMPLE_BLOCKS`` blocks of ``block`` entries (or rows), spread over a whole array on disk."""
    starts = np.unique(np.linspace(0, max(0, values.shape[0] - block), SAMPLE_BLOCKS).astype(np.int64))
    joined = np.concatenate([np.asarray(values[start : start + block], dtype=np.float64).ravel() for start in starts])
    return np.asarray(joined[joined != 0])


def track_slices(items: Sequence[Item]) -> Iterator[Item]:
    """Iterate over slices with a progress bar."""
    return track(items, "reading cells", len(items), "slice")
