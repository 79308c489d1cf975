"""Batches of cells of like length, so that little of a batch is padding."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.cells.reader import TokenizedCells


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


def pad_batch(cells: TokenizedCells, rows: NDArray[np.int64], pad: int, device: str) -> tuple[Tensor, Tensor]:
    """Tokens int64 [B, S], padded to the longest of ``rows``, and lengths int64 [B]."""
    lengths = torch.from_numpy(cells.lengths[rows])
    tokens = torch.full((len(rows), int(lengths.max())), pad, dtype=torch.long)
    for i, row in enumerate(rows):
        sequence = cells.cell(int(row))
        tokens[i, : len(sequence)] = torch.from_numpy(sequence.astype(np.int64))
    return tokens.to(device), lengths.to(device)


def key_lengths(lengths: Tensor, width: int) -> Tensor | None:
    """``lengths`` [B] as attention needs them: None if no cell is shorter than the batch, so no mask is made."""
    return lengths if bool((lengths < width).any()) else None


def take_cells(cells: TokenizedCells, rows: NDArray[np.int64]) -> TokenizedCells:
    """The chosen cells alone, in the order of ``rows``."""
    sequences = [cells.cell(int(row)) for row in rows]
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in sequences])]).astype(np.int64)
    tokens = np.concatenate(sequences) if sequences else np.empty(0, np.int32)
    return TokenizedCells(tokens, offsets, cells.cell_id[rows])
