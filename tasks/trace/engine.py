"""Displace the source layer's output of one cell, recompute what follows, and measure every target feature.

For a displacement with values v_p at positions P of a cell whose source output is x [S, d]:

1. x'_p = x_p + v_p for p in P, other positions as they are. Ablating feature f is v_p = -a_f(p) W_dec[f], in closed
   form: the reconstruction's other terms, its bias and its error cancel.
2. Many displaced copies of the same cell form a batch [B, S, d], filled up with undisturbed ones to the cell's fixed B.
3. The rest of the model runs on the batch; a target layer is encoded only at the positions P of each copy.
4. effect_j = mean over P of (b'_pj - b_pj), b clean and b' displaced codes: ablated minus clean. It is summed in
   float64 in the order of positions, so that it depends on nothing else in the batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.sae import SparseCodes
from tasks.trace.clean import CleanCell
from tasks.trace.tail import Tail


@dataclass(frozen=True)
class Displacement:
    """Vectors ``values`` [P, d] added to the source output at ``positions`` int64 [P], P >= 1, distinct."""

    positions: Tensor
    values: Tensor


def ablation(positions: Tensor, activations: Tensor, direction: Tensor) -> Displacement:
    """Take a feature out: -a_p times its direction [d] at its active positions [P]."""
    return Displacement(positions, -activations[:, None].to(direction) * direction)


@torch.inference_mode()
def measure(tail: Tail, cell: CleanCell, displacements: list[Displacement]) -> Iterator[dict[int, Tensor]]:
    """Yield, batch after batch, the effects [b, F] float64 of b displacements on each target layer's F features."""
    for start in range(0, len(displacements), cell.batch_rows):
        yield _measure_batch(tail, cell, displacements[start : start + cell.batch_rows])


def _measure_batch(tail: Tail, cell: CleanCell, batch: list[Displacement]) -> dict[int, Tensor]:
    device = cell.hidden.device
    counts = torch.tensor([len(item.positions) for item in batch], device=device)
    rows = torch.repeat_interleave(torch.arange(len(batch), device=device), counts)
    positions = torch.cat([item.positions for item in batch]).to(device)
    hidden = cell.hidden.repeat(cell.batch_rows, 1, 1)
    hidden[rows, positions] += torch.cat([item.values for item in batch]).to(device)
    return {
        layer: _mean_change(
            tail.encoders[layer].encode(output[rows, positions]),
            cell.codes[layer],
            positions,
            counts,
            tail.targets[layer].n_features,
        )
        for layer, output in tail.states(hidden)
    }


def _mean_change(codes: SparseCodes, clean: SparseCodes, positions: Tensor, counts: Tensor, n_features: int) -> Tensor:
    """Mean over each displacement's positions of displaced minus clean codes: [b, F] float64."""
    change = torch.zeros(len(positions), n_features, dtype=torch.float64, device=positions.device)
    change.scatter_(1, codes.indices, codes.values.double())
    change.scatter_add_(1, clean.indices[positions], -clean.values[positions].double())
    return torch.segment_reduce(change, "mean", lengths=counts, axis=0)
