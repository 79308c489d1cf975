"""One block of an undisturbed cell, run tile by tile, and rows of it run again with a displacement.

Both run the same kernels on the same shapes, so that a row displaced by nothing comes out bit for bit as it was. In a
decoder, queries and keys are turned by their positions and see no later ones: rows are given with their positions.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from tasks.causal.attend import Shifts, attend, attend_shifted
from tasks.causal.displacement import Rows
from tasks.causal.tiles import filled, invariant_rows, tiled
from tasks.models.adapter import Block
from tasks.models.attention import by_head, side_by_side


@dataclass(frozen=True)
class Context:
    """A block with the clean keys (turned) and values [h, S, d/h] of a cell; ``tile`` rows are run at once."""

    block: Block
    keys: Tensor
    values: Tensor
    tile: int

    @classmethod
    def of(cls, block: Block, hidden: Tensor, tile: int) -> "Context":
        """The context that the block's clean input [S, d] makes."""
        positions = torch.arange(len(hidden), device=hidden.device)
        keys, values = keys_values(block, hidden, positions, tile)
        return cls(block, keys.contiguous(), values.contiguous(), tile)

    def clean(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Queries [h, S, d/h] and attended values [h, S, d/h] of the block's clean input [S, d]."""
        return self.attend(hidden, torch.arange(len(hidden), device=hidden.device))

    def attend(self, hidden: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        """The same of rows with inputs [n, d] at ``positions`` int64 [n], over the clean keys and values."""
        query, places = self.queries(hidden, positions)
        mixed = attend(query, self.keys, self.values, self.tile, places)
        return query[:, : len(hidden)], mixed[:, : len(hidden)]

    def queries(self, hidden: Tensor, positions: Tensor) -> tuple[Tensor, Tensor | None]:
        """Queries [h, R, d/h] of rows [n, d] at ``positions`` [n], filled up to tiles, and up to where they see."""
        query = by_head(tiled(self.block.query, self.tile, filled(hidden, self.tile)), self.block.n_heads)
        if self.block.order is None:
            return query, None
        places = filled(positions, self.tile)
        return self.block.order.turned(query, places), places

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The block's output [n, d] of rows with input [n, d] and attended values [h, n, d/h]."""
        rows, attended = filled(hidden, self.tile), filled(side_by_side(mixed), self.tile)
        return tiled(self.block.finish, self.tile, rows, attended)[: len(hidden)]

    def shifts(self, hidden: Tensor, rows: Rows) -> Shifts:
        """How displaced inputs [R, d] of the rows change keys and values."""
        at = rows.positions
        keys, values = keys_values(self.block, hidden, at, self.tile)
        return Shifts(rows.counts, at, keys - self.keys[:, at], values - self.values[:, at])

    def attend_rows(self, hidden: Tensor, positions: Tensor, counts: Tensor, shifts: Shifts) -> Tensor:
        """Attended values [h, n, d/h] of rows [n, d] at ``positions`` [n], ``counts`` int64 [b] by displacement."""
        query, places = self.queries(hidden, positions)
        return attend_shifted(query, self.keys, self.values, counts, shifts, self.tile, places)[:, : len(hidden)]

    def run_rows(self, hidden: Tensor, rows: Rows) -> Tensor:
        """The block's output [R, d] at displaced rows with input [R, d], all other positions clean."""
        shifts = self.shifts(hidden, rows)
        return self.finish(hidden, self.attend_rows(hidden, rows.positions, rows.counts, shifts))


def invariant_tile(block: Block, hidden: Tensor, tile: int) -> int:
    """The most rows, at most ``tile``, at which every place of a tile computes the same, for a cell [S, d]."""
    return invariant_rows(tile, partial(_probe, block, hidden))[0]


def _probe(block: Block, hidden: Tensor, rows: int) -> list[Tensor]:
    context = Context.of(block, hidden, rows)
    equal = hidden[:1].expand(rows, -1)
    query, mixed = context.attend(equal, torch.full((rows,), len(hidden) - 1, device=hidden.device))
    keys, values = block.key_value(equal)
    return [keys, values, side_by_side(query), context.finish(equal, mixed)]


def keys_values(block: Block, hidden: Tensor, positions: Tensor, tile: int) -> tuple[Tensor, Tensor]:
    """Keys (turned) and values, each [h, n, d/h], of inputs [n, d] at ``positions`` int64 [n], a tile at a time."""
    parts = [block.key_value(part) for part in torch.split(filled(hidden, tile), tile)]
    keys, values = (by_head(torch.cat(each), block.n_heads)[:, : len(hidden)] for each in zip(*parts, strict=True))
    return (keys if block.order is None else block.order.turned(keys, positions)), values
