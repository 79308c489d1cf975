"""Codes as they were published: what is active in a cell is decided with the 15 cells beside it.

1. Cells stand in the order of cell_id, ``BATCH`` at a time. Of the N genes of a batch and F features, the k N largest
   pre-activations are active, as far as they are positive: those above t, the largest that is not among them.
2. Activations are set to the value where a > 0 among these codes: z' of a cell.
3. z' W_dec + b_dec goes on in place of the layer's output, what the autoencoder does not reconstruct is dropped.

A feature is thus active at a gene beside some cells and silent beside others; tokens that are no genes take no part.
Any other mode reads codes that depend on the cell alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder, filled, tiled
from tasks.interventions.copies import Copies
from tasks.models import Adapter
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch

BATCH = 16  # cells, as published


def bars(adapter: Adapter, encoder: TiledEncoder, k: int, cells: Mapping[int, Batch]) -> dict[int, float]:
    """Step 1: t of the batch of every cell, by cell_id."""
    order = sorted(cells)
    found: dict[int, float] = {}
    for first in range(0, len(order), BATCH):
        own = order[first : first + BATCH]
        n_genes = sum(int(adapter.is_gene(cells[cell].tokens[0]).sum()) for cell in own)
        parts = _pre_activations(adapter, encoder, [cells[cell] for cell in own])
        found |= dict.fromkeys(own, bar_of(k * n_genes, parts))
    return found


def bar_of(kept: int, parts: Iterable[Tensor]) -> float:
    """t where ``kept`` of the pre-activations of several cells, [n, F] each, are active; 0 if no more are positive."""
    largest = torch.zeros(0)
    for part in parts:
        both = torch.cat([largest.to(part), part.flatten().relu()])
        largest = both.topk(min(kept + 1, len(both))).values
    return float(largest[kept]) if len(largest) > kept else 0.0


def displaced(
    encoder: TiledEncoder, copies: Copies, bar: float, features: Sequence[int], value: float, rows: Tensor
) -> Displacement:
    """Steps 2 and 3 as what is added to the cell; ``rows`` [F, d], on the CPU, are features' directions."""
    states = copies.hidden[copies.genes]
    with torch.inference_mode():
        p = _of_states(encoder, states)
        codes = p.where(p > bar, 0.0)
        added = (codes @ encoder.sae.W_dec + encoder.sae.b_dec - states).cpu()
        own = codes[:, list(features)].cpu()
        added += torch.where(own > 0, value - own, 0.0) @ rows[list(features)]
    return Displacement(copies.genes.cpu(), added)


@torch.inference_mode()
def _pre_activations(adapter: Adapter, encoder: TiledEncoder, cells: Sequence[Batch]) -> Iterator[Tensor]:
    for cell in cells:
        hidden = layer_output(adapter, cell, encoder.sae.layer)
        yield _of_states(encoder, hidden[adapter.is_gene(cell.tokens[0])])


def _of_states(encoder: TiledEncoder, states: Tensor) -> Tensor:
    """p of states [n, d], each row by itself: [n, F]."""
    n = len(states)
    return tiled(encoder.sae.pre_activations, encoder.tile_rows, filled(states, encoder.tile_rows))[:n]
