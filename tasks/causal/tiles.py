"""Tiles: fixed batch shapes, so that a row's result depends on the row alone.

Matrix kernels may sum in another order for another number of rows, and in some libraries for another place among the
rows. Rows are therefore run in tiles of a fixed number, the last one filled up with zeros, and ``invariant_rows``
finds, by trial with equal rows, a number at which every place computes bit for bit the same.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad

from tasks.sae import Sae, SparseCodes
from tasks.sae.sae import joined

TILE_ROWS = 256  # four fifths of the full rate of a matrix product on a CPU, and its tile stays in cache


def invariant_rows(size: int, outputs: Callable[[int], list[Tensor]]) -> tuple[int, list[Tensor]]:
    """Halve ``size`` until ``outputs(size)``, computed from equal rows, are equal at every row; return both.

    One row agrees with itself, so there is always an answer.
    """
    found = outputs(size)
    while size > 1 and not all(bool((output == output[:1]).all()) for output in found):
        size //= 2
        found = outputs(size)
    return size, found


def filled(rows: Tensor, tile: int) -> Tensor:
    """Rows [R, ...] with zero rows behind, to a multiple of ``tile``."""
    behind = [0, 0] * (rows.ndim - 1) + [0, -rows.shape[0] % tile]
    return pad(rows, behind)


def cut(sizes: list[int], most: int) -> list[slice]:
    """Cut items of so many rows each into runs of at most ``most`` rows, or of one item."""
    cuts, rows = [0], 0
    for place, n in enumerate(sizes):
        if rows and rows + n > most:
            cuts.append(place)
            rows = 0
        rows += n
    return [slice(start, stop) for start, stop in zip(cuts, [*cuts[1:], len(sizes)], strict=True)]


def tiled(function: Callable[..., Tensor], tile: int, *rows: Tensor) -> Tensor:
    """``function`` of row tensors [R, ...], R a multiple of ``tile``, a tile at a time."""
    return torch.cat([function(*parts) for parts in zip(*(torch.split(each, tile) for each in rows), strict=True)])


class TiledEncoder:
    """An autoencoder's encoder whose result for a row depends on no other row, nor on their number."""

    def __init__(self, sae: Sae, tile_rows: int = TILE_ROWS) -> None:
        self.sae = sae
        self.tile_rows = invariant_rows(tile_rows, self._probe)[0]

    def encode(self, x: Tensor) -> SparseCodes:
        """Codes of x [n, d]."""
        n = x.shape[0]
        codes = joined([self.sae.encode(tile) for tile in torch.split(filled(x, self.tile_rows), self.tile_rows)])
        return SparseCodes(codes.values[:n], codes.indices[:n])

    def _probe(self, rows: int) -> list[Tensor]:
        generator = torch.Generator().manual_seed(0)
        probe = torch.randn(1, self.sae.d_model, generator=generator).to(self.sae.b_dec)
        return [self.sae.pre_activations(probe.repeat(rows, 1))]
