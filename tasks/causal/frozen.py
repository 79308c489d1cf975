"""Effects along the displaced positions alone, everything else held as it was in the undisturbed cell.

1. Clean pass of a cell: every later block's keys and values at all positions, and the target layers' codes.
2. Displaced rows [R, d] of many displacements of the cell run through the blocks: each attends to the cell's clean keys
   and values, but for its own displacement's positions, whose keys and values have changed.
3. A target layer is encoded at these rows, and compared with its clean codes.

One block on, this is the exact total effect: a block's output at a position depends on the other positions only through
their inputs, which are clean where nothing was displaced. Further on it is the direct effect: what reaches a target
without passing through other positions. Costs 8 d^2 + 4 d d_ff + 4 S d FLOPs a row and block.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.change import mean_change
from tasks.causal.context import Context, invariant_tile
from tasks.causal.displacement import Displacement, Rows
from tasks.causal.later import Later
from tasks.causal.tiles import cut
from tasks.sae import SparseCodes

ROWS = 4096  # rows run together: few enough to stay small, many enough to fill tiles


@dataclass(frozen=True)
class FrozenCell:
    """A cell ready for displacements: ``contexts`` of the later blocks in order, clean ``codes`` at S positions."""

    state: SourceState
    later: Later
    contexts: list[Context]
    codes: dict[int, SparseCodes]

    def batches(self, positions: list[Tensor]) -> list[slice]:
        """Cut displacements at these positions each into batches of about ``ROWS`` rows."""
        return cut([len(each) for each in positions], ROWS)

    @torch.inference_mode()
    def measure(self, displacements: list[Displacement]) -> dict[int, Tensor]:
        """Effects float64 [b, F] of b displacements on every target layer's F features."""
        rows = Rows.of(displacements, self.state.hidden)
        hidden, effects = self.state.hidden[rows.positions] + rows.values, {}
        for layer, context in zip(self.later.layers, self.contexts, strict=True):
            hidden = context.run_rows(hidden, rows)
            if layer in self.later.targets:
                effects[layer] = self._effect(layer, hidden, rows)
        return effects

    def _effect(self, layer: int, hidden: Tensor, rows: Rows) -> Tensor:
        codes = self.later.encode(layer, hidden)
        return mean_change(codes, self.codes[layer], rows, self.later.targets[layer].n_features)


class FrozenEngine:
    """The later blocks of a model, rows at a time."""

    def __init__(self, later: Later) -> None:
        self.later = later

    @torch.inference_mode()
    def prepare(self, state: SourceState) -> FrozenCell:
        """Step 1 for one cell."""
        hidden, contexts, codes = state.hidden, [], {}
        tile = invariant_tile(self.later.block(self.later.layers[0]), hidden, self.later.tile)
        for layer in self.later.layers:
            context = Context.of(self.later.block(layer), hidden, tile)
            hidden = context.finish(hidden, context.clean(hidden)[1])
            contexts.append(context)
            if layer in self.later.targets:
                codes[layer] = self.later.encode(layer, hidden)
        return FrozenCell(state, self.later, contexts, codes)
