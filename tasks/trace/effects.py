"""Effects of a block of source features in all cells.

1. A pair is a feature and a cell in which it is active; pairs are ordered by feature, then cell.
2. The block's features of a cell are batched together; cells run side by side, each writing the rows of its pairs.
3. Effects are rounded to float32, and those within the floor set to zero, before anything is computed from them:
   statistics and archive see the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.trace.clean import CleanCell
from tasks.trace.engine import Displacement, ablation, measure
from tasks.trace.tail import Tail
from tasks.trace.workers import in_parallel


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


def active_pairs(cells: list[CleanCell], features: Tensor) -> Pairs:
    """Every pair of ``features`` int64 with a cell where the feature is active; the others are skipped."""
    sites = [cell.sites.among(features) for cell in cells]
    feature = torch.cat([cell.sites.features[rows] for cell, rows in zip(cells, sites, strict=True)])
    place = torch.repeat_interleave(torch.tensor([len(rows) for rows in sites]))
    order = torch.argsort(feature, stable=True)
    return Pairs(feature[order], place[order], torch.cat(sites)[order])


@dataclass(frozen=True)
class BlockEffects:
    """``values[layer]`` float32 [N, F] on the CPU: effects of N pairs on the F features of each target layer."""

    pairs: Pairs
    values: dict[int, Tensor]


def trace_pairs(
    tail: Tail,
    cells: list[CleanCell],
    pairs: Pairs,
    displacement: Callable[[CleanCell, int], Displacement],
    floor: float,
    advance: Callable[[int], None],
) -> BlockEffects:
    """Measure every pair; ``displacement(cell, site)`` says what is done to it, ``advance(n)`` counts n pairs done."""
    n = len(pairs.feature)
    values = {layer: torch.zeros(n, sae.n_features) for layer, sae in tail.targets.items()}

    def trace_cell(place: int) -> int:
        cell, rows = cells[place], pairs.of_cell(place)
        batches = measure(tail, cell, [displacement(cell, int(site)) for site in pairs.site[rows]])
        for number, effects in enumerate(batches):
            chunk = rows[number * cell.batch_rows : (number + 1) * cell.batch_rows]
            for layer, effect in effects.items():
                values[layer][chunk] = above_floor(effect.float(), floor).cpu()
        return len(rows)

    for done in in_parallel(trace_cell, range(len(cells)), cells[0].hidden.device):
        advance(done)
    return BlockEffects(pairs, values)


def above_floor(effect: Tensor, floor: float) -> Tensor:
    """The effects, with those whose magnitude is at most ``floor`` replaced by zero."""
    return torch.where(effect.abs() > floor, effect, 0.0)


def ablate(directions: Tensor) -> Callable[[CleanCell, int], Displacement]:
    """Displacements that take a feature out along its row of ``directions`` [F, d]."""

    def displacement(cell: CleanCell, site: int) -> Displacement:
        return ablation(*cell.sites.at(site), directions[cell.sites.features[site]])

    return displacement
