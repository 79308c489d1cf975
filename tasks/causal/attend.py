"""Attention of some rows of a cell whose keys and values differ from the clean ones at a few positions.

For a row r of displacement i, clean keys K and values V [S], and differences dK_p, dV_p at the positions P_i:

    s_rj = q_r . K_j,   s_rp += q_r . dK_p  for p in P_i          scores
    w_r  = softmax(s_r)
    out_r = sum_j w_rj V_j + sum_{p in P_i} w_rp dV_p

It is exact, needs no copy of K and V, and differences of zero change no bit. Rows pass a tile at a time, which keeps
their scores in cache; what belongs to one displacement, its rows by its positions, is one small product of its own, so
that a row depends on nothing but itself and its displacement. In a decoder each row sees the keys up to its own place;
the others get a score of -inf, so that tiles keep their shapes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.models.order import unseen

SCORES = 1 << 19  # scores [heads, rows, S] held at once on a CPU, 2 MB: they stay in cache
SCORES_GPU = 1 << 28


@dataclass(frozen=True)
class Shifts:
    """Differences of keys and values [h, C, d/h] from the clean ones at ``positions`` int64 [C], by displacement.

    ``counts`` int64 [b], on the CPU, says how many of the C belong to each of b displacements, in order.
    """

    counts: Tensor
    positions: Tensor
    keys: Tensor
    values: Tensor


@dataclass(frozen=True)
class Entries:
    """The meetings of rows and shifts of the same displacement, E of them, row by row.

    ``row`` and ``position`` int64 [E] place a meeting among the scores; ``starts`` [R + 1] says where the meetings of a
    row begin; ``rows`` and ``shifts`` are the spans of each displacement among rows and shifts.
    """

    row: Tensor
    position: Tensor
    starts: list[int]
    rows: list[slice]
    shifts: list[slice]

    @classmethod
    def of(cls, row_counts: Tensor, shifts: Shifts) -> "Entries":
        """Meet the rows, ``row_counts`` int64 [b] of each displacement, on the CPU, with the shifts."""
        per_row = torch.repeat_interleave(shifts.counts, row_counts)
        starts = torch.cat([per_row.new_zeros(1), per_row.cumsum(0)])
        row = torch.repeat_interleave(torch.arange(len(per_row)), per_row)
        first = torch.repeat_interleave(shifts.counts.cumsum(0) - shifts.counts, row_counts)
        shift = torch.arange(len(row)) - starts[row] + first[row]
        device = shifts.positions.device
        position = shifts.positions[shift.to(device)]
        return cls(row.to(device), position, starts.tolist(), spans(row_counts), spans(shifts.counts))


def spans(counts: Tensor) -> list[slice]:
    """Consecutive runs of ``counts`` int64 [b] as slices."""
    stops = counts.cumsum(0).tolist()
    return [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]


def heads_at_once(n_heads: int, rows: int, n_keys: int, device: torch.device) -> int:
    """How many heads' scores [rows, n_keys] to hold at once."""
    most = SCORES if device.type == "cpu" else SCORES_GPU
    return max(1, min(n_heads, most // (rows * n_keys)))


def attend(query: Tensor, keys: Tensor, values: Tensor, tile: int, places: Tensor | None = None) -> Tensor:
    """Attended values [h, R, d/h] of queries [h, R, d/h] over keys and values [h, S, d/h]; R a multiple of ``tile``.

    With ``places`` int64 [R], a row sees the keys up to its place alone.
    """
    mixed = torch.empty_like(query)
    scaled = query * query.shape[-1] ** -0.5
    for rows, heads in _tiles(query, keys.shape[1], tile):
        scores = _hidden(scaled[heads, rows] @ keys[heads].mT, rows, places)
        mixed[heads, rows] = scores.softmax(-1) @ values[heads]
    return mixed


def attend_shifted(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    row_counts: Tensor,
    shifts: Shifts,
    tile: int,
    places: Tensor | None = None,
) -> Tensor:
    """As ``attend``, keys and values being shifted for each displacement's rows, ``row_counts`` int64 [b] of them.

    Rows behind those of the displacements only fill up the last tile.
    """
    entries = Entries.of(row_counts, shifts)
    scaled, mixed = query * query.shape[-1] ** -0.5, torch.empty_like(query)
    added = query.new_empty(len(query), len(entries.row))
    n_columns = shifts.counts.tolist()
    meetings = [slice(entries.starts[rows.start], entries.starts[rows.stop]) for rows in entries.rows]
    for rows, columns, own in zip(entries.rows, entries.shifts, meetings, strict=True):
        added[:, own] = (scaled[:, rows] @ shifts.keys[:, columns].mT).flatten(1)
    for rows, heads in _tiles(query, keys.shape[1], tile):
        scores = scaled[heads, rows] @ keys[heads].mT  # [g, T, S]
        last = len(entries.starts) - 1
        own = slice(entries.starts[min(rows.start, last)], entries.starts[min(rows.stop, last)])
        row, position = entries.row[own] - rows.start, entries.position[own]
        scores[:, row, position] += added[heads, own]
        weights = _hidden(scores, rows, places).softmax(-1)
        mixed[heads, rows] = weights @ values[heads]
        added[heads, own] = weights[:, row, position]
    for rows, columns, own, n in zip(entries.rows, entries.shifts, meetings, n_columns, strict=True):
        mixed[:, rows] += added[:, own].view(len(query), -1, n) @ shifts.values[:, columns]
    return mixed


def _hidden(scores: Tensor, rows: slice, places: Tensor | None) -> Tensor:
    """Scores [g, T, S] of a tile, -inf where its rows do not see."""
    return scores if places is None else scores.masked_fill_(unseen(places[rows], scores.shape[-1]), -torch.inf)


def _tiles(query: Tensor, n_keys: int, tile: int) -> list[tuple[slice, slice]]:
    """Rows and heads that are run together."""
    n_heads, n_rows, _ = query.shape
    together = heads_at_once(n_heads, tile, n_keys, query.device)
    return [
        (slice(start, start + tile), slice(first, first + together))
        for start in range(0, n_rows, tile)
        for first in range(0, n_heads, together)
    ]
