"""Total effects: everything after the source layer recomputed. For models in which every position sees all others.

1. Clean pass of a cell, in the shapes that displaced batches will have; see 2 to 4 with nothing displaced.
2. The first block after the source is updated, not run anew (``incremental``).
3. Blocks between run on whole cells [B, S, d] with fused attention: B displaced copies, no padding, no mask.
4. The deepest target layer's block computes keys and values for all rows, the rest only where effects are read: where
   the displacement was, or at other genes as well (``reading``). No later block and no vocabulary head runs. Target
   layers are encoded at the rows that are read alone. One block on, the first block is the deepest.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.change import mean_change
from tasks.causal.context import Context, invariant_tile
from tasks.causal.displacement import Displacement, Places, Rows
from tasks.causal.incremental import FirstBlock
from tasks.causal.later import Later
from tasks.causal.reading import Reading, positions_read
from tasks.causal.tiles import invariant_rows
from tasks.models.attention import by_head
from tasks.sae import SparseCodes

LAST_ROWS = 64  # rows of a tile in the last block, where each displacement has keys of its own


@dataclass(frozen=True)
class WholeCell:
    """A cell ready for displacements, ``batch`` of them at once; clean ``codes`` at S positions by target layer."""

    state: SourceState
    recompute: "Recomputation"
    codes: dict[int, SparseCodes]
    batch: int
    reading: Reading = "active"

    def batches(self, positions: list[Tensor]) -> list[slice]:
        """Cut displacements at these positions each into batches of the cell's size."""
        return [slice(start, start + self.batch) for start in range(0, len(positions), self.batch)]

    @torch.inference_mode()
    def measure(self, displacements: list[Displacement]) -> dict[int, Tensor]:
        """Effects float64 [b, F] of b <= ``batch`` displacements on every target layer's F features."""
        rows, later, effects = Rows.of(displacements, self.state.hidden), self.recompute.later, {}
        genes = self.state.genes
        read = [positions_read(self.reading, genes, each.positions) for each in displacements]
        places = Places.at(read, self.state.hidden.device)
        for layer, output in self.recompute.outputs(rows, places, self.batch):
            codes = later.encode(layer, output)
            effects[layer] = mean_change(codes, self.codes[layer], places, later.targets[layer].n_features)
        return effects


@dataclass(frozen=True)
class Recomputation:
    """Steps 2 to 4 for one cell; ``first`` is its first later block."""

    later: Later
    first: FirstBlock

    def outputs(self, rows: Rows, read: Places, batch: int) -> Iterator[tuple[int, Tensor]]:
        """Yield (target layer, its output [R, d] at the places that are ``read``)."""
        hidden = self.first.hidden
        for layer, hidden in self.states(rows, batch):
            if layer in self.later.targets:
                yield layer, hidden[read.item, read.positions]
        if len(self.later.layers) > 1:
            yield self.later.layers[-1], self.last(hidden, read.item, read.positions)

    def states(self, rows: Rows, batch: int) -> Iterator[tuple[int, Tensor]]:
        """Yield (layer, its output [batch, S, d]) of every later block but the deepest, and of the first."""
        layers = self.later.layers
        hidden = self.first.run(rows, batch)
        yield layers[0], hidden
        if len(layers) > 1:
            yield from self.later.states(hidden, layers[1], layers[-1])

    def last(self, hidden: Tensor, item: Tensor, positions: Tensor) -> Tensor:
        """The deepest block's output [R, d] at rows ``positions`` of cells ``item``, for its inputs [batch, S, d]."""
        block, tile = self.later.block(self.later.layers[-1]), self.first.context.tile
        keys, values = (by_head(part, block.n_heads) for part in block.key_value(hidden))  # [batch, h, S, d/h]
        rows, mixed = hidden[item, positions], []
        for number in torch.unique(item).tolist():
            context = Context(block, keys[number].contiguous(), values[number].contiguous(), tile)
            mixed.append(context.clean(rows[item == number])[1])
        return context.finish(rows, torch.cat(mixed, dim=1))


class TotalEngine:
    """The later blocks of a model, whole cells at a time."""

    def __init__(self, later: Later, batch_tokens: int, reading: Reading = "active") -> None:
        self.later = later
        self.batch_tokens = batch_tokens
        self.reading = reading

    @torch.inference_mode()
    def prepare(self, state: SourceState) -> WholeCell:
        """Step 1 for one cell."""
        n, layers = len(state.hidden), self.later.layers
        tile = invariant_tile(self.later.block(layers[0]), state.hidden, min(LAST_ROWS, self.later.tile))
        context = Context.of(self.later.block(layers[0]), state.hidden, tile)
        recompute = Recomputation(self.later, FirstBlock.of(context, state.hidden))
        nothing = Rows.of([], state.hidden)
        batch, found = invariant_rows(
            max(1, self.batch_tokens // n), lambda batch: [hidden for _, hidden in recompute.states(nothing, batch)]
        )
        outputs = dict(zip(layers, [hidden[0] for hidden in found], strict=False))
        everywhere = torch.arange(n, device=state.hidden.device)
        if len(layers) > 1:
            outputs[layers[-1]] = recompute.last(found[-1], torch.zeros_like(everywhere), everywhere)
        codes = {layer: self.later.encode(layer, outputs[layer]) for layer in self.later.targets}
        return WholeCell(state, recompute, codes, batch, self.reading)
