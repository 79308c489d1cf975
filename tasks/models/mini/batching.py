"""Training batches, a pure function of seed and step: nothing needs saving to go on where training stopped.

1. Every epoch visits all cells in a new order. Runs of cells are sorted by length and cut into batches, and the
   batches shuffled: cells of like length meet, but not always the same ones.
2. Of the gene positions of a batch a share is to be predicted. As in BERT, 80 % of these show ``<mask>``, 10 % a
   random gene, 10 % stay as they are. Of a model that reads values, the genes stay, and the value of each shows the one
   that means "hidden", as in scGPT.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import pad_batch, plan_batches
from tasks.models.masked import draw_genes

RUN_CELLS = 512  # cells sorted together
SHOW_MASK, SHOW_RANDOM = 0.8, 0.9  # cumulated shares


@dataclass(frozen=True)
class TrainingBatch:
    """``shown`` int64 [B, S] is what the model sees, ``wanted`` bool [B, S] where it must say ``tokens`` [B, S].

    Of a model that reads values it sees ``shown_values`` float32 [B, S] as well, and must say ``values`` [B, S].
    """

    tokens: Tensor
    shown: Tensor
    wanted: Tensor
    lengths: Tensor
    values: Tensor | None = None
    shown_values: Tensor | None = None


def batch_rows(
    lengths: NDArray[np.int64], batch_tokens: int, seed: int, first_step: int
) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of batch ``first_step``, ``first_step + 1``, … without end."""
    step, epoch = 0, 0
    while True:
        for rows in _epoch(lengths, batch_tokens, np.random.default_rng([seed, 1, epoch])):
            if step >= first_step:
                yield rows
            step += 1
        epoch += 1


def _epoch(lengths: NDArray[np.int64], batch_tokens: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    order = rng.permutation(len(lengths))
    runs = [order[first : first + RUN_CELLS] for first in range(0, len(order), RUN_CELLS)]
    batches = [run[part] for run in runs for part in plan_batches(lengths[run], batch_tokens)]
    return [batches[i] for i in rng.permutation(len(batches))]


def training_batch(
    cells: TokenizedCells, rows: NDArray[np.int64], adapter: Adapter, mask_fraction: float, seed: list[int]
) -> TrainingBatch:
    """Pad the cells of ``rows`` and corrupt a share of their genes, or hide the values of as many."""
    padded = pad_batch(cells, rows, adapter.vocabulary, "cpu")
    tokens = padded.tokens.numpy()
    genes = np.array(sorted(adapter.vocabulary.token_of.values()))
    rng = np.random.default_rng(seed)
    wanted = draw_genes(np.isin(tokens, genes), mask_fraction, rng)
    if padded.values is not None:
        hidden = torch.from_numpy(wanted)
        shown_values = padded.values.masked_fill(hidden, adapter.vocabulary.special_value("<mask>"))
        parts = (padded.tokens, padded.tokens, hidden, padded.lengths, padded.values, shown_values)
        return TrainingBatch(*(tensor.to(adapter.device) for tensor in parts))
    fate = rng.random(tokens.shape)
    other = genes[rng.integers(0, len(genes), tokens.shape)]
    shown = np.where(wanted & (fate < SHOW_RANDOM), other, tokens)
    shown[wanted & (fate < SHOW_MASK)] = adapter.vocabulary.mask
    tensors = (padded.tokens, torch.from_numpy(shown), torch.from_numpy(wanted), padded.lengths)
    return TrainingBatch(*(tensor.to(adapter.device) for tensor in tensors))
