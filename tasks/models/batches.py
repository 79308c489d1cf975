"""Batches of cells of like length, so that little of a batch is padding."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.cells.reader import TokenizedCells
from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class Batch:
    """What a model reads of B cells, padded to S tokens.

    ``tokens`` int64 [B, S]; ``lengths`` int64 [B] counts the tokens of each cell, special ones included; ``values``
    float32 [B, S] for a model that reads a value beside each token.
    """

    tokens: Tensor
    lengths: Tensor
    values: Tensor | None = None

    @classmethod
    def of(cls, tokens: Tensor, values: Tensor | None = None) -> "Batch":
        """A batch of the one cell whose tokens int64 [S] and values [S] these are."""
        lengths = torch.tensor([len(tokens)], device=tokens.device)
        return cls(tokens[None], lengths, None if values is None else values[None])

    @property
    def width(self) -> int:
        """S."""
        return self.tokens.shape[1]

    @property
    def keys(self) -> Tensor | None:
        """The lengths as attention needs them: None if no cell is shorter than the batch, so no mask is made."""
        return self.lengths if bool((self.lengths < self.width).any()) else None

    def to(self, device: str | torch.device) -> "Batch":
        """The batch on ``device``."""
        values = None if self.values is None else self.values.to(device)
        return Batch(self.tokens.to(device), self.lengths.to(device), values)


@dataclass(frozen=True)
class Asked:
    """n genes of a batch that a model is asked about, all int64 [n]: the number of the ``cell``, the gene's ``place``
    among its tokens, and the gene's ``token``. The place is -1 where the cell is shown without the gene.
    """

    cell: Tensor
    place: Tensor
    token: Tensor

    @classmethod
    def of(cls, batch: Batch, at: Tensor) -> "Asked":
        """The genes at positions ``at`` int64 [n] of a batch of one cell."""
        there = at.to(batch.tokens.device)
        return cls(torch.zeros_like(there), there, batch.tokens[0, there])


def plan_batches(lengths: NDArray[np.int64], batch_tokens: int) -> list[NDArray[np.int64]]:
    """Rows of every batch, by ascending length: at most ``batch_tokens`` positions with padding, at least one cell."""
    order = np.argsort(lengths, kind="stable")
    batches: list[NDArray[np.int64]] = []
    first = 0
    for last, row in enumerate(order):
        if last > first and int(lengths[row]) * (last - first + 1) > batch_tokens:
            batches.append(order[first:last])
            first = last
    return [*batches, order[first:]] if len(order) else []


def pad_batch(cells: TokenizedCells, rows: NDArray[np.int64], vocabulary: Vocabulary, device: str) -> Batch:
    """The cells of ``rows``, padded to the longest of them."""
    tokens = pad_rows(cells.tokens, cells, rows, vocabulary.pad).long()
    padding = vocabulary.special_value("<pad>")
    values = None if cells.values is None else pad_rows(cells.values, cells, rows, padding)
    return Batch(tokens, torch.from_numpy(cells.lengths[rows]), values).to(device)


def pad_rows(flat: NDArray[np.generic], cells: TokenizedCells, rows: NDArray[np.int64], padding: float) -> Tensor:
    """What ``flat`` [N] says of the tokens of the cells of ``rows``: [B, S], ``padding`` behind each cell."""
    padded = np.full((len(rows), int(cells.lengths[rows].max())), padding, dtype=flat.dtype)
    for i, row in enumerate(rows):
        first, last = cells.offsets[row], cells.offsets[row + 1]
        padded[i, : last - first] = flat[first:last]
    return torch.from_numpy(padded)


def one_cell(cells: TokenizedCells, i: int) -> Batch:
    """The i-th cell alone, on the CPU."""
    values = cells.cell_values(i)
    tokens = torch.from_numpy(cells.cell(i).astype(np.int64))
    return Batch.of(tokens, None if values is None else torch.from_numpy(values.copy()))


def take_cells(cells: TokenizedCells, rows: NDArray[np.int64]) -> TokenizedCells:
    """The chosen cells alone, in the order of ``rows``."""
    spans = [np.arange(cells.offsets[row], cells.offsets[row + 1]) for row in rows]
    kept = np.concatenate(spans) if spans else np.empty(0, np.int64)
    offsets = np.concatenate([[0], np.cumsum(cells.lengths[rows])]).astype(np.int64)
    values = None if cells.values is None else cells.values[kept]
    return TokenizedCells(cells.tokens[kept], offsets, cells.cell_id[rows], values)
