"""Total effects in a decoder, where nothing before the first displaced position can change.

1. Clean pass of a cell: every later block's keys and values at all positions, and the target layers' codes.
2. Of each displacement, the rows from its first displaced position to the last one read run through the blocks. They
   see the clean keys and values of the rows before, and their own. Rows further behind are seen by none of them.
3. The deepest target layer's block computes keys and values of these rows, the rest only where effects are read.
4. A target layer is encoded where effects are read, and compared with its clean codes. At positions before the first
   displaced one the effect is 0, and counts as such in the mean.

It is the total effect, as if whole cells had been recomputed. Rows pass in tiles of a fixed number, over all S keys, so
that a displacement's effect depends on no other one, and that of nothing is exactly 0.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from tasks.causal.attend import attend, spans
from tasks.causal.cell import SourceState
from tasks.causal.change import mean_change
from tasks.causal.context import Context, invariant_tile, keys_values
from tasks.causal.displacement import Displacement, Places
from tasks.causal.later import Later
from tasks.causal.reading import Reading, positions_read
from tasks.causal.tiles import cut, filled
from tasks.sae import SparseCodes

ROWS = 4096  # rows run together
OWN_ROWS = 64  # rows of a tile in attention, where each displacement has keys of its own


@dataclass(frozen=True)
class Stretches:
    """What is recomputed of a cell for b displacements, as one list of rows, displacement after displacement.

    ``rows`` are their positions. ``moved`` int64 [M] are the rows that are displaced, by ``values`` [M, d]; ``read``
    int64 [n] those that effects are read at, ascending, ``counts`` of each displacement and ``n_read`` with the
    positions before the first displaced one, both int64 [b] on the CPU.
    """

    rows: Places
    moved: Tensor
    values: Tensor
    read: Tensor
    counts: Tensor
    n_read: Tensor

    @classmethod
    def of(cls, displacements: list[Displacement], read: list[Tensor], like: Tensor) -> "Stretches":
        """``read``: positions int64, ascending, of each displacement; on the device of a state ``like`` [S, d]."""
        places, moved, values, seen, begun = [], [], [], [], 0
        for one, at in zip(displacements, read, strict=True):
            first, stop = stretch(one.positions, at)
            inside = one.positions < stop
            moved.append(one.positions[inside] - first + begun)
            values.append(one.values[inside].to(like))
            seen.append(at[at >= first] - first + begun)
            places.append(torch.arange(first, stop))
            begun += stop - first
        counts, n_read = (torch.tensor([len(each) for each in which]) for which in (seen, read))
        rows = Places.at(places, like.device)
        at_rows, at_read = (torch.cat(each).to(like.device) for each in (moved, seen))
        return cls(rows, at_rows, torch.cat(values), at_read, counts, n_read)

    @classmethod
    def whole(cls, like: Tensor) -> "Stretches":
        """All rows of an undisturbed cell of states ``like`` [S, d]."""
        every = torch.arange(len(like))
        return cls.of([Displacement(every[:1], torch.zeros_like(like[:1]))], [every], like)


def stretch(displaced: Tensor, read: Tensor) -> tuple[int, int]:
    """First position that is recomputed, and the one behind the last; none if nothing is read behind the first."""
    first = int(displaced.min())
    return first, max(first, int(read[-1]) + 1 if len(read) else first)


@dataclass(frozen=True)
class DecoderCell:
    """A cell ready for displacements: ``contexts`` of the later blocks in order, clean ``codes`` at S positions."""

    state: SourceState
    later: Later
    contexts: list[Context]
    codes: dict[int, SparseCodes]
    own_rows: int
    reading: Reading = "active"

    def batches(self, positions: list[Tensor]) -> list[slice]:
        """Cut displacements at these positions each into batches of about ``ROWS`` recomputed rows."""
        ends = (stretch(each, self._read(each)) for each in positions)
        return cut([stop - first for first, stop in ends], ROWS)

    @torch.inference_mode()
    def measure(self, displacements: list[Displacement]) -> dict[int, Tensor]:
        """Effects float64 [b, F] of b displacements on every target layer's F features."""
        clean, read = self.state.hidden, [self._read(each.positions) for each in displacements]
        found = Stretches.of(displacements, read, clean)
        if not len(found.read):
            return {at: torch.zeros(len(read), sae.n_features).double() for at, sae in self.later.targets.items()}
        hidden, effects, deepest = clean[found.rows.positions], {}, self.later.layers[-1]
        hidden[found.moved] += found.values
        places = Places(found.rows.item[found.read], found.counts, found.rows.positions[found.read])
        for layer, context in zip(self.later.layers, self.contexts, strict=True):
            hidden = run_stretches(context, hidden, found, self.own_rows, only_read=layer == deepest)
            if layer in self.later.targets:
                codes = self.later.encode(layer, hidden if layer == deepest else hidden[found.read])
                n_features = self.later.targets[layer].n_features
                effects[layer] = mean_change(codes, self.codes[layer], places, n_features, found.n_read)
        return effects

    def _read(self, displaced: Tensor) -> Tensor:
        return positions_read(self.reading, self.state.genes, displaced)


def run_stretches(context: Context, hidden: Tensor, found: Stretches, own_rows: int, only_read: bool) -> Tensor:
    """The block's output at all rows, for their inputs [R, d], or at those ``read`` alone: [R, d] or [n, d]."""
    rows = found.rows
    keys, values = keys_values(context.block, hidden, rows.positions, context.tile)
    if only_read:
        hidden, positions, counts = hidden[found.read], rows.positions[found.read], found.counts
    else:
        positions, counts = rows.positions, rows.counts
    query, _ = context.queries(hidden, positions)
    own_keys, own_values, mixed = context.keys.clone(), context.values.clone(), torch.empty_like(query)
    for stretch_rows, asked in zip(spans(rows.counts), spans(counts), strict=True):
        at, n = rows.positions[stretch_rows], asked.stop - asked.start
        own_keys[:, at], own_values[:, at] = keys[:, stretch_rows], values[:, stretch_rows]
        part = pad(query[:, asked], [0, 0, 0, -n % own_rows])
        mixed[:, asked] = attend(part, own_keys, own_values, own_rows, filled(positions[asked], own_rows))[:, :n]
        own_keys[:, at], own_values[:, at] = context.keys[:, at], context.values[:, at]
    return context.finish(hidden, mixed[:, : len(hidden)])


class DecoderEngine:
    """The later blocks of a decoder, stretches of cells at a time."""

    def __init__(self, later: Later, reading: Reading = "active") -> None:
        self.later, self.reading = later, reading

    @torch.inference_mode()
    def prepare(self, state: SourceState) -> DecoderCell:
        """Step 1 for one cell."""
        hidden, whole, contexts, codes = state.hidden, Stretches.whole(state.hidden), [], {}
        first = self.later.block(self.later.layers[0])
        tile = invariant_tile(first, hidden, self.later.tile)
        own_rows = invariant_tile(first, hidden, min(OWN_ROWS, tile))
        for layer in self.later.layers:
            context = Context.of(self.later.block(layer), hidden, tile)
            hidden = run_stretches(context, hidden, whole, own_rows, only_read=False)
            contexts.append(context)
            if layer in self.later.targets:
                codes[layer] = self.later.encode(layer, hidden)
        return DecoderCell(state, self.later, contexts, codes, own_rows, self.reading)
