"""Do edges repeat in other cells? Every source is measured in two disjoint halves of the traced cells, or units.

1. Cells are split once for all sources, units whole. A source takes part if it is active in two cases of each half.
2. In each half, an edge passes its rule's effect and agreement there (q apart), in half as many responding cases as the
   rule wants of all. A specific edge exceeds its half's companions by no less than some specific edge of the layer
   does in all cells.
3. Both halves are compared target by target: edges found in both over edges found in either (Jaccard), agreement of
   signs among edges found in both, Pearson's r of g over pairs that are an edge in either.
4. Chance: the first half of a source beside the second half of another one. Targets that answer any source repeat as
   well; what a source's own edges repeat beyond that is theirs.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.causal.effects import BlockEffects, Pairs
from tasks.statistics.moments import moments
from tasks.trace.significance.pair_tests import FeatureEffects, as_stored, by_feature
from tasks.trace.significance.rules import Rule
from tasks.trace.units import Units

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
CAP = 50  # edges that the published graph kept of a source in each target layer
TESTED, CAPPED = "tested", "published_capped"


def split_cells(cells: list[int], units: Units | None, seed: list[int]) -> tuple[Tensor, Tensor]:
    """Step 1: cell_ids int64 of either half; units are not cut."""
    of_cell = {cell: str(cell) for cell in cells} if units is None else units.of_cell
    names = sorted({of_cell[cell] for cell in cells})
    drawn = np.random.default_rng(seed).permutation(len(names))[: len(names) // 2]
    first = {names[place] for place in drawn}
    sides = [cell for cell in cells if of_cell[cell] in first], [cell for cell in cells if of_cell[cell] not in first]
    return torch.tensor(sides[0], dtype=torch.int64), torch.tensor(sides[1], dtype=torch.int64)


def within(block: BlockEffects, cells: Tensor) -> BlockEffects:
    """The part of ``block`` that was measured in ``cells``."""
    kept = torch.isin(block.pairs.cell, cells)
    pairs = Pairs(block.pairs.feature[kept], block.pairs.cell[kept], block.pairs.site[kept])
    return BlockEffects(pairs, {layer: values[kept] for layer, values in block.values.items()})


@dataclass(frozen=True)
class Bar:
    """What an edge of a half must pass; ``excess`` by target layer: the least of a specific edge, none where empty."""

    rules: list[Rule]
    excess: dict[int, float]

    @classmethod
    def of(cls, rules: list[Rule], excess: dict[int, float]) -> "Bar":
        """Step 2: the rules with half as many responding cases."""
        return cls([replace(rule, nonzero_min=math.ceil(rule.nonzero_min / 2)) for rule in rules], excess)

    @property
    def names(self) -> list[str]:
        """TESTED, every rule, and the published one as it was capped."""
        return [TESTED, *(rule.name for rule in self.rules), CAPPED]


@dataclass(frozen=True)
class Half:
    """What m sources do in one half to all T targets: ``g`` [m, T], and edges by rule, each bool [m, T]."""

    g: Floats
    edges: dict[str, Bools]

    def turned(self) -> "Half":
        """Every source in the place of the one before it."""
        return Half(np.roll(self.g, 1, axis=0), {name: np.roll(edges, 1, axis=0) for name, edges in self.edges.items()})


@dataclass(frozen=True)
class Targets:
    """Where the targets of each layer stand among all; ``sizes``: features of every target layer, ascending."""

    sizes: dict[int, int]

    @cached_property
    def spans(self) -> dict[int, slice]:
        """Columns by layer."""
        stops = np.cumsum(list(self.sizes.values()))
        return {layer: slice(stop - n, stop) for (layer, n), stop in zip(self.sizes.items(), stops, strict=True)}

    def column(self, part: FeatureEffects) -> NDArray[np.int64]:
        """Columns of the live targets of a source."""
        starts = np.array([self.spans[layer].start for layer in self.sizes])
        return starts[np.searchsorted(list(self.sizes), part.layers)] + part.targets.astype(np.int64)


def measured_half(parts: list[FeatureEffects], bar: Bar, targets: Targets) -> Half:
    """Sources, in the order of ``parts``, in one half."""
    shape = (len(parts), sum(targets.sizes.values()))
    half = Half(np.zeros(shape), {name: np.zeros(shape, dtype=bool) for name in bar.names})
    for row, part in enumerate(parts):
        column, stat = targets.column(part), as_stored(moments(part.values))
        half.g[row, column] = stat.g[0].numpy()
        half.edges[TESTED][row, column] = True
        for rule in bar.rules:
            effect = stat.g if rule.symmetric else stat.d
            passes = rule.passes(effect, stat.n_pos, stat.n_neg, stat.n)[0].numpy()
            half.edges[rule.name][row, column] = passes & _specific(part, bar) if rule.controlled else passes
            if not rule.symmetric:
                half.edges[CAPPED][row, column] = capped(passes, np.abs(stat.d[0].numpy()), part.layers)
    return half


def _specific(part: FeatureEffects, bar: Bar) -> Bools:
    if part.beyond is None:
        return np.zeros(len(part.targets), dtype=bool)
    least = np.array([bar.excess.get(layer, np.inf) for layer in part.layers.tolist()])
    found: Bools = part.beyond.excess.float().numpy() >= least
    return found


def capped(passes: Bools, size: Floats, layers: NDArray[np.integer], cap: int = CAP) -> Bools:
    """The ``cap`` largest of those that pass in each layer, ties by target: bool [T]."""
    kept = np.zeros_like(passes)
    for layer in np.unique(layers[passes]):
        own = np.flatnonzero(passes & (layers == layer))
        kept[own[np.argsort(-size[own], kind="stable")[:cap]]] = True
    return kept


def both_halves(
    block: BlockEffects,
    beside: BlockEffects | None,
    halves: tuple[Tensor, Tensor],
    bar: Bar,
    targets: Targets,
    units: Units | None,
) -> tuple[Half, Half]:
    """The sources of a block that have two cases in each half, in either of them."""
    sides = []
    for cells in halves:
        parts = by_feature(within(block, cells), None if beside is None else within(beside, cells), units)
        sides.append({part.feature: part for part in parts if len(part.values) > 1})
    shared = sorted(set(sides[0]) & set(sides[1]))
    first, second = (measured_half([side[feature] for feature in shared], bar, targets) for side in sides)
    return first, second
