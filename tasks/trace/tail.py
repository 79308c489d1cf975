"""The part of the model after the source layer, and the autoencoders that read it.

1. Blocks s+1 to the deepest target layer run on batches [B, S, d] of one cell: no padding, no mask, no vocabulary head.
2. A target layer's autoencoder sees only the rows that are asked for, in tiles of a fixed number of rows.

Matrix kernels may sum in another order for another number of rows, and in some libraries for another place among the
rows. So that a row's codes depend on the row alone, batches and tiles have a fixed size, filled up where needed, and
``invariant_rows`` finds, by trial with equal rows, a size at which every place computes bit for bit the same.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import pad

from tasks.models import Adapter
from tasks.sae import SparseCodes, TopKSae

TILE_ROWS = 128


def invariant_rows(size: int, outputs: Callable[[int], list[Tensor]]) -> tuple[int, list[Tensor]]:
    """Halve ``size`` until ``outputs(size)``, computed from equal rows, are equal at every row; return both.

    One row agrees with itself, so there is always an answer.
    """
    found = outputs(size)
    while size > 1 and not all(bool((output == output[:1]).all()) for output in found):
        size //= 2
        found = outputs(size)
    return size, found


class TiledEncoder:
    """An autoencoder's encoder whose result for a row depends on no other row, nor on their number."""

    def __init__(self, sae: TopKSae, tile_rows: int = TILE_ROWS) -> None:
        self.sae = sae
        self.tile_rows = invariant_rows(tile_rows, self._probe)[0]

    def encode(self, x: Tensor) -> SparseCodes:
        """Codes of x [n, d]."""
        n = x.shape[0]
        tiles = torch.split(pad(x, (0, 0, 0, -n % self.tile_rows)), self.tile_rows)
        parts = [self.sae.encode(tile) for tile in tiles]
        values, indices = torch.cat([part.values for part in parts]), torch.cat([part.indices for part in parts])
        return SparseCodes(values[:n], indices[:n])

    def _probe(self, rows: int) -> list[Tensor]:
        generator = torch.Generator().manual_seed(0)
        probe = torch.randn(1, self.sae.d_model, generator=generator).to(self.sae.b_dec)
        return [self.sae.pre_activations(probe.repeat(rows, 1))]


class Tail:
    """What follows ``source_layer``: its blocks, and an encoder for every target layer."""

    def __init__(self, adapter: Adapter, source_layer: int, targets: dict[int, TopKSae]) -> None:
        self.adapter = adapter
        self.source_layer = source_layer
        self.targets = dict(sorted(targets.items()))
        self.encoders = {layer: TiledEncoder(sae) for layer, sae in self.targets.items()}

    def states(self, hidden: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Yield (target layer, its output [B, S, d]) for outputs of the source layer [B, S, d]."""
        first, stop = self.source_layer + 1, max(self.targets) + 1
        for layer, output in enumerate(self.adapter.blocks(hidden, first, stop), start=first):
            if layer in self.targets:
                yield layer, output
