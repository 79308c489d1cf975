"""Effects of source features in cells.

1. A pair is a feature and a cell in which it is active; pairs are ordered by feature, then cell.
2. Features of the same cell are batched together; batches run side by side, each writing the rows of its pairs.
3. Effects are rounded to float32, and those within the floor set to zero, before anything is computed from them:
   statistics and archive see the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.displacement import Displacement, move_feature
from tasks.causal.engines import Engine, PreparedCell
from tasks.causal.sites import Sites
from tasks.store.workers import in_parallel

Displace = Callable[[SourceState, int], Displacement]
Change = Callable[[SourceState, int], Tensor]  # [P]: by how much a site's activations change


@dataclass(frozen=True)
class Pairs:
    """Features and cells of N pairs: ``feature`` int64 [N] ascending; ``cell`` and ``site`` int64 [N].

    ``cell`` is a place in the list of cells, ascending within a feature; ``site`` the feature's row in its sites.
    """

    feature: Tensor
    cell: Tensor
    site: Tensor

    def of_feature(self, feature: int) -> Tensor:
        """Rows of the pairs of one feature."""
        return (self.feature == feature).nonzero().flatten()

    def of_cell(self, cell: int) -> Tensor:
        """Rows of the pairs in one cell."""
        return (self.cell == cell).nonzero().flatten()

    def only(self, wanted: set[tuple[int, int]], cell_ids: list[int]) -> "Pairs":
        """The pairs among ``wanted`` (feature, cell_id); ``cell_ids`` names the cells."""
        named = zip(self.feature.tolist(), [cell_ids[place] for place in self.cell.tolist()], strict=True)
        kept = torch.tensor([pair in wanted for pair in named], dtype=torch.bool)
        return Pairs(self.feature[kept], self.cell[kept], self.site[kept])


def active_pairs(sites: list[Sites], features: Tensor) -> Pairs:
    """Every pair of ``features`` int64 with a cell where the feature is active; the others are skipped."""
    among = [each.among(features) for each in sites]
    feature = torch.cat([each.features[rows] for each, rows in zip(sites, among, strict=True)])
    place = torch.repeat_interleave(torch.tensor([len(rows) for rows in among]))
    order = torch.argsort(feature, stable=True)
    return Pairs(feature[order], place[order], torch.cat(among)[order])


@dataclass(frozen=True)
class BlockEffects:
    """``values[layer]`` float32 [N, F] on the CPU: effects of N pairs on the F features of each target layer."""

    pairs: Pairs
    values: dict[int, Tensor]


def trace_pairs(
    engine: Engine,
    cells: list[PreparedCell],
    features: Tensor,
    displace: Displace,
    floor: float,
    advance: Callable[[int], None],
    only: set[tuple[int, int]] | None = None,
) -> BlockEffects:
    """Measure every active pair, or ``only`` these (feature, cell_id).

    ``displace(state, site)`` says what is done to a cell, ``advance(n)`` counts n pairs done.
    """
    pairs = active_pairs([cell.state.sites for cell in cells], features)
    if only is not None:
        pairs = pairs.only(only, [cell.state.cell_id for cell in cells])
    values = {layer: torch.zeros(len(pairs.cell), sae.n_features) for layer, sae in engine.later.targets.items()}

    def trace_batch(batch: tuple[PreparedCell, Tensor]) -> int:
        cell, rows = batch
        effects = cell.measure([displace(cell.state, int(site)) for site in pairs.site[rows]])
        for layer, effect in effects.items():
            values[layer][rows] = above_floor(effect.float(), floor).cpu()
        return len(rows)

    batches = [each for place, cell in enumerate(cells) for each in _batches(cell, pairs, place)]
    for done in in_parallel(trace_batch, batches, torch.device(engine.later.adapter.device)):
        advance(done)
    return BlockEffects(pairs, values)


def _batches(cell: PreparedCell, pairs: Pairs, place: int) -> list[tuple[PreparedCell, Tensor]]:
    rows = pairs.of_cell(place)
    positions = [cell.state.sites.at(site)[0] for site in pairs.site[rows].tolist()]
    return [(cell, rows[part]) for part in cell.batches(positions)] if positions else []


def above_floor(effect: Tensor, floor: float) -> Tensor:
    """The effects, with those whose magnitude is at most ``floor`` replaced by zero."""
    return torch.where(effect.abs() > floor, effect, 0.0)


def along(directions: Tensor, change: Change) -> Displace:
    """Change a feature's activations along its row of ``directions`` [F, d], on the CPU."""

    def displace(state: SourceState, site: int) -> Displacement:
        sites = state.sites
        return move_feature(sites.at(site)[0], change(state, site), directions[sites.features[site]])

    return displace


def scaled(multiplier: float) -> Change:
    """Multiply activations; 0 takes them out."""
    return lambda state, site: (multiplier - 1) * state.sites.at(site)[1]
