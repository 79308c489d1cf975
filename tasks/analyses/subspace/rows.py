"""Activations of one layer as blocks of rows, read file by file: no more than one file of a layer is held at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.activations.reader import ActivationReader
from tasks.cells.reader import CellsReader
from tasks.store import RequestError

BLOCK_ROWS = 8192
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Rows of the activations that belong to training cells and to held-out cells: int64, ascending.

    The held-out rows are those on which ``sae.fvu`` is measured.
    """

    train: NDArray[np.int64]
    heldout: NDArray[np.int64]


def split_rows(activations: ActivationReader, cells: Path) -> Split:
    """The rows by the split of table ``cell``. Raises RequestError if one of the parts has none."""
    cell_id, chosen = activations.index().cell_id, CellsReader(cells).cells()
    parts = {}
    for split in ("train", "heldout"):
        own = chosen.filter(pl.col("split") == split)["cell_id"].to_numpy()
        parts[split] = np.flatnonzero(np.isin(cell_id, own))
        if not parts[split].size:
            raise RequestError(f"{cells} has no {split} cell with a kept position: choose more cells")
    return Split(**parts)


def thinned(rows: NDArray[np.int64], at_most: int) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spaced."""
    return rows[:: -(-rows.size // at_most)]


def blocks(activations: ActivationReader, layer: int, rows: NDArray[np.int64]) -> Iterator[Floats]:
    """Activations float64 [n, d] at ``rows``, which ascend, a few thousand at a time."""
    for part in parts(activations, layer, rows):
        for start in range(0, len(part), BLOCK_ROWS):
            yield part[start : start + BLOCK_ROWS].numpy().astype(np.float64)


def parts(activations: ActivationReader, layer: int, rows: NDArray[np.int64]) -> Iterator[Tensor]:
    """Activations float16 [n, d] at ``rows``, which ascend, file by file."""
    for unit, span in activations.spans().items():
        first, last = np.searchsorted(rows, (span.start, span.stop))
        if first < last:
            yield activations.states(layer, unit)[torch.from_numpy(rows[first:last] - span.start)]
