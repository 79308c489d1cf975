"""The activations one autoencoder trains on: one layer's rows, split by the cells they come from.

They lie in memory, or on disk if memory is short (``room``): the numbers are the same bit for bit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import Tensor

from tasks.activations.reader import ActivationReader
from tasks.activations.streamed import States, StreamedStates
from tasks.cells.reader import CellsReader
from tasks.sae.room import streaming_budget
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError

CHUNK_ROWS = 8192


@dataclass(frozen=True)
class Positions:
    """Activations float16 [N, d] of one layer; ``train`` and ``heldout`` int64 are row numbers, ascending."""

    hidden: States
    train: Tensor
    heldout: Tensor

    def rows(self, rows: Tensor) -> Tensor:
        """Raw activations float32 [len(rows), d]."""
        return self.hidden[rows].float()

    def in_turn(self, batches: Iterable[Tensor]) -> Iterator[Tensor]:
        """The same of one batch of rows after the other; from disk, they are read ahead."""
        if isinstance(self.hidden, Tensor):
            return map(self.rows, batches)
        return (states.float() for states in self.hidden.in_turn(batches))

    def chunks(self, rows: Tensor) -> Iterator[Tensor]:
        """The same, a few thousand rows at a time."""
        return self.in_turn(torch.split(rows, CHUNK_ROWS))

    def mean(self, rows: Tensor) -> Tensor:
        """Mean activation float32 [d], summed in float64."""
        total = torch.zeros(self.hidden.shape[1], dtype=torch.float64, device=self.hidden.device)
        for x in self.chunks(rows):
            total += x.double().sum(0)
        return (total / len(rows)).float()

    def input_scale(self) -> float:
        """The factor that gives the training rows a mean squared norm of d."""
        squares = sum(float(x.double().square().sum()) for x in self.chunks(self.train))
        if squares == 0:
            raise RequestError("all activations of the training cells are zero: check the model")
        return float(np.sqrt(len(self.train) * self.hidden.shape[1] / squares))


def read_positions(activations: Path, cells: Path, layer: int, device: str, settings: SaeSettings) -> Positions:
    """One layer's activations with the split of table ``cell``, in memory or streamed, as ``settings`` allow.

    Raises RequestError if a part of the split is empty, or if ``memory_gb`` is too little even to stream.
    """
    reader = ActivationReader(activations)
    chosen = CellsReader(cells).cells()
    cell_id = reader.index().cell_id
    parts = []
    for split in ("train", "heldout"):
        rows = np.flatnonzero(np.isin(cell_id, chosen.filter(pl.col("split") == split)["cell_id"].to_numpy()))
        if len(rows) == 0:
            raise RequestError(f"{activations} holds no position of a {split} cell: choose more cells")
        parts.append(torch.from_numpy(rows))
    budget = streaming_budget(reader, max(settings.batch, CHUNK_ROWS), device, settings.memory_gb)
    if budget is not None:
        return Positions(StreamedStates(reader, layer, torch.device(device), budget), *parts)
    return Positions(reader.load(layer).to(device), *(rows.to(device) for rows in parts))
