"""The part of the model after the source layer, and the autoencoders that read it."""

from collections.abc import Iterator

import torch
from torch import Tensor

from tasks.causal.tiles import TILE_ROWS, TiledEncoder
from tasks.models import Adapter
from tasks.models.adapter import Block
from tasks.sae import Sae, SparseCodes

TILE_ROWS_GPU = 2048


class Later:
    """Blocks ``source_layer + 1`` to the deepest target layer, and an encoder for every target layer."""

    def __init__(self, adapter: Adapter, source_layer: int, targets: dict[int, Sae]) -> None:
        self.adapter = adapter
        self.targets = dict(sorted(targets.items()))
        self.layers = range(source_layer + 1, max(targets) + 1)
        self.tile = TILE_ROWS if torch.device(adapter.device).type == "cpu" else TILE_ROWS_GPU
        self._encoders = {layer: TiledEncoder(sae, self.tile) for layer, sae in self.targets.items()}

    def block(self, layer: int) -> Block:
        """The parts of one block."""
        return self.adapter.block(layer)

    def states(self, hidden: Tensor, first: int, stop: int) -> Iterator[tuple[int, Tensor]]:
        """Yield (layer, its output [B, S, d]) of blocks ``first`` to ``stop - 1`` for the input of the first."""
        return zip(range(first, stop), self.adapter.blocks(hidden, first, stop), strict=True)

    def encode(self, layer: int, rows: Tensor) -> SparseCodes:
        """Codes of rows [n, d] of a target layer."""
        return self._encoders[layer].encode(rows)
