"""One block of an undisturbed cell, run tile by tile, and rows of it run again with a displacement.

Both run the same kernels on the same shapes, so that a row displaced by nothing comes out bit for bit as it was.
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
    """A block with the clean keys and values [h, S, d/h] of a cell; ``tile`` rows are run at once."""

    block: Block
    keys: Tensor
    values: Tensor
    tile: int

    @classmethod
    def of(cls, block: Block, hidden: Tensor, tile: int) -> "Context":
        """The context that the block's clean input [S, d] makes."""
        n = hidden.shape[0]
        keys, values = (part[:, :n].contiguous() for part in _keys_values(block, filled(hidden, tile), tile))
        return cls(block, keys, values, tile)

    def clean(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Queries [h, S, d/h] and attended values [h, S, d/h] of the block's clean input [S, d]."""
        rows = filled(hidden, self.tile)
        query = _queries(self.block, rows, self.tile)
        mixed = attend(query, self.keys, self.values, self.tile)
        return query[:, : len(hidden)], mixed[:, : len(hidden)]

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The block's output [n, d] of rows with input [n, d] and attended values [h, n, d/h]."""
        rows, attended = filled(hidden, self.tile), filled(side_by_side(mixed), self.tile)
        return tiled(self.block.finish, self.tile, rows, attended)[: len(hidden)]

    def shifts(self, hidden: Tensor, rows: Rows) -> Shifts:
        """How displaced inputs [R, d] of the rows change keys and values."""
        n, at = len(hidden), rows.positions
        keys, values = (part[:, :n] for part in _keys_values(self.block, filled(hidden, self.tile), self.tile))
        return Shifts(rows.counts, at, keys - self.keys[:, at], values - self.values[:, at])

    def attend_rows(self, hidden: Tensor, counts: Tensor, shifts: Shifts) -> Tensor:
        """Attended values [h, n, d/h] of rows with inputs [n, d], ``counts`` int64 [b] of each displacement."""
        query = _queries(self.block, filled(hidden, self.tile), self.tile)
        return attend_shifted(query, self.keys, self.values, counts, shifts, self.tile)[:, : len(hidden)]

    def run_rows(self, hidden: Tensor, rows: Rows) -> Tensor:
        """The block's output [R, d] at displaced rows with input [R, d], all other positions clean."""
        return self.finish(hidden, self.attend_rows(hidden, rows.counts, self.shifts(hidden, rows)))


def invariant_tile(block: Block, hidden: Tensor, tile: int) -> int:
    """The most rows, at most ``tile``, at which every place of a tile computes the same, for a cell [S, d]."""
    return invariant_rows(tile, partial(_probe, block, hidden))[0]


def _probe(block: Block, hidden: Tensor, rows: int) -> list[Tensor]:
    context = Context.of(block, hidden, rows)
    equal = hidden[:1].expand(rows, -1)
    query, mixed = context.clean(equal)
    keys, values = block.key_value(equal)
    return [keys, values, side_by_side(query), context.finish(equal, mixed)]


def _queries(block: Block, hidden: Tensor, tile: int) -> Tensor:
    return by_head(tiled(block.query, tile, hidden), block.n_heads)


def _keys_values(block: Block, hidden: Tensor, tile: int) -> tuple[Tensor, Tensor]:
    parts = [block.key_value(part) for part in torch.split(hidden, tile)]
    keys, values = (torch.cat(each) for each in zip(*parts, strict=True))
    return by_head(keys, block.n_heads), by_head(values, block.n_heads)
