"""States of all chosen layers at the gene positions of some cells, in one forward pass.

1. Cells are batched by like length and padded; padding is masked in attention and never kept.
2. Every chosen layer's output is taken as the blocks run; blocks after the last chosen layer are not run.
3. Gene positions are picked on the device and turned to half precision there; special tokens are left out.
4. Batches are put back into the order of the cells.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.activations.reader import ActivationIndex
from tasks.cells.reader import TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.batches import Batch, pad_batch, pad_rows, plan_batches
from tasks.store import ScfmError


def choose_positions(
    cells: TokenizedCells, genes: NDArray[np.int32], per_cell: int | None, seed: int
) -> NDArray[np.bool_]:
    """Which tokens [N] are kept: all genes, or at most ``per_cell`` of each cell, drawn by seed and ``cell_id``.

    A cell's draw depends on nothing but the seed and the cell, so it is the same in any chunk.
    """
    kept = np.isin(cells.tokens, genes)
    if per_cell is None:
        return kept
    for first, last, cell_id in zip(cells.offsets[:-1], cells.offsets[1:], cells.cell_id, strict=True):
        places = np.flatnonzero(kept[first:last])
        chosen = np.random.default_rng([seed, int(cell_id)]).permutation(places)[:per_cell]
        kept[first:last] = np.isin(np.arange(last - first), chosen)
    return kept


def kept_index(cells: TokenizedCells, kept: NDArray[np.bool_]) -> ActivationIndex:
    """Cell, position and token of every kept row."""
    position = np.arange(len(cells.tokens)) - np.repeat(cells.offsets[:-1], cells.lengths)
    cell_id = np.repeat(cells.cell_id, cells.lengths)
    return ActivationIndex(cell_id[kept], position[kept].astype(np.uint16), cells.tokens[kept])


@torch.no_grad()
def extract(
    adapter: Adapter, cells: TokenizedCells, kept: NDArray[np.bool_], layers: list[int], batch_tokens: int
) -> dict[int, Tensor]:
    """States float16 [n, d] by layer, n the number of ``kept`` tokens [N], in their order, on the CPU.

    Raises ScfmError if a state does not fit half precision.
    """
    first_row = np.concatenate([[0], np.cumsum(kept)])[cells.offsets]
    states = {layer: torch.empty(int(kept.sum()), adapter.info.d_model, dtype=torch.float16) for layer in layers}
    for rows in plan_batches(cells.lengths, batch_tokens):
        batch = pad_batch(cells, rows, adapter.vocabulary, adapter.device)
        wanted = pad_rows(kept, cells, rows, False).flatten().nonzero().squeeze(1).to(adapter.device)
        target = torch.from_numpy(np.concatenate([np.arange(first_row[r], first_row[r + 1]) for r in rows]))
        for layer, hidden in _run_layers(adapter, batch, max(layers)):
            if layer in states:
                picked = hidden.flatten(0, 1).index_select(0, wanted)
                states[layer].index_copy_(0, target, picked.half().cpu())
    for layer, rows_of_layer in states.items():
        _require_finite(layer, rows_of_layer)
    return states


def _run_layers(adapter: Adapter, batch: Batch, last: int) -> Iterator[tuple[int, Tensor]]:
    """Number and output [B, S, d] of blocks 0 to ``last``; without padding attention runs unmasked."""
    yield from enumerate(adapter.blocks(adapter.embed(batch), 0, last + 1, batch.keys))


def _require_finite(layer: int, states: Tensor) -> None:
    if not bool(torch.isfinite(states).all()):
        raise ScfmError(
            f"layer {layer} has states beyond {torch.finfo(torch.float16).max:.0f}, the range of half precision, "
            "or no numbers at all: leave the layer out of activations.layers"
        )
