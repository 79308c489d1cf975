"""Table run_pair_stability of one trace: effects of the same sources in disjoint draws of its cells.

1. Draws of n cells, n a half, a quarter and so on of the traced ones, in disjoint pairs: how r, Jaccard and agreement
   of signs grow with n (``kind`` cells). Draws that contain each other, as published, agree because of what they share.
2. Draws of one size within cell types: two of each type, and one of each of two types (``label_within``,
   ``label_between``). Types differ in circuits where the second agree less than the first.
3. Cells stand for units where the trace's unit is another; units are not cut.
4. An edge of a draw passes its rule's effect and agreement there (q apart), in as many responding cases, relative to n,
   as the rule wants of all. Chance: one draw of a source beside the other draw of another source.
5. The standard error of r is that of the jackknife over sources: pairs of one source share its cells.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.effect_sizes.agreement import N_SUMS, Compared, pearson
from tasks.analyses.effect_sizes.archive import Archive, Block
from tasks.analyses.effect_sizes.halves import Bar, Half, Targets, measured_half, within
from tasks.trace.significance.pair_tests import by_feature
from tasks.trace.significance.rules import Rule

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Row = dict[str, Any]


@dataclass(frozen=True)
class Draws:
    """Two disjoint draws of ``n`` cells (or units), their cell_ids, and what they are called."""

    kind: str
    names: tuple[str, str]
    n: int
    cells: tuple[Tensor, Tensor]


def draws_by_size(of_cell: Mapping[int, str], least: int, most: int, seed: list[int]) -> Iterator[Draws]:
    """Step 1; ``of_cell``: the unit of every traced cell, itself where the unit is the cell."""
    units = sorted(set(of_cell.values()))
    size = len(units) // 2
    while size >= least:
        order = np.random.default_rng([*seed, size]).permutation(len(units))
        for pair in range(min(most, len(units) // (2 * size))):
            starts = [(2 * pair + side) * size for side in (0, 1)]
            one, two = ({units[place] for place in order[start : start + size]} for start in starts)
            names = f"draw {2 * pair + 1}", f"draw {2 * pair + 2}"
            yield Draws("cells", names, size, (_cells(of_cell, one), _cells(of_cell, two)))
        size //= 2


def draws_by_label(
    of_cell: Mapping[int, str], label: Mapping[int, str | None], n: int, seed: list[int]
) -> Iterator[Draws]:
    """Step 2: of the types whose units suffice for two draws; between types, the first draw of either."""
    units: dict[str, list[str]] = {}
    for cell, unit in of_cell.items():
        if (name := label.get(cell)) is not None:
            units.setdefault(name, []).append(unit)
    drawn: dict[str, tuple[set[str], set[str]]] = {}
    for place, (name, own) in enumerate(sorted(units.items())):
        known = sorted(set(own))
        if len(known) >= 2 * n:
            order = np.random.default_rng([*seed, place]).permutation(len(known))
            drawn[name] = {known[i] for i in order[:n]}, {known[i] for i in order[n : 2 * n]}
    for name, (one, two) in drawn.items():
        own_cells = {cell: unit for cell, unit in of_cell.items() if label.get(cell) == name}
        yield Draws("label_within", (name, name), n, (_cells(own_cells, one), _cells(own_cells, two)))
        for other, (third, _) in drawn.items():
            if name < other:
                beside = {cell: unit for cell, unit in of_cell.items() if label.get(cell) == other}
                pair = _cells(own_cells, one), _cells(beside, third)
                yield Draws("label_between", (name, other), n, pair)


def _cells(of_cell: Mapping[int, str], units: Collection[str]) -> Tensor:
    return torch.tensor([cell for cell, unit in of_cell.items() if unit in units])


@dataclass
class Replicates:
    """Collects the comparison of one pair of draws while blocks of sources pass; ``rules`` know of no companions."""

    draws: Draws
    rules: list[Rule]
    targets: Targets
    share: float  # of the traced cells (or units) that a draw has
    own: dict[tuple[str, int], list[Floats]] = field(default_factory=dict)
    chance: dict[tuple[str, int], list[Floats]] = field(default_factory=dict)
    n_sources: int = 0

    @property
    def bar(self) -> Bar:
        """Step 4."""
        return Bar([replace(rule, nonzero_min=math.ceil(rule.nonzero_min * self.share)) for rule in self.rules], {})

    def take(self, block: Block, archive: Archive) -> None:
        """Compare the sources of a block that have two cases in either draw."""
        sides = []
        for cells in self.draws.cells:
            parts = by_feature(within(block.effects, cells), None, archive.units)
            sides.append({part.feature: part for part in parts if len(part.values) > 1})
        shared = sorted(set(sides[0]) & set(sides[1]))
        if not shared:
            return
        first, second = (measured_half([side[one] for one in shared], self.bar, self.targets) for side in sides)
        self.n_sources += len(shared)
        self._add(self.own, first, second)
        if len(shared) > 1:
            self._add(self.chance, first, second.turned())

    def _add(self, kept: dict[tuple[str, int], list[Floats]], first: Half, second: Half) -> None:
        for name, edges in first.edges.items():
            for layer, span in self.targets.spans.items():
                both = edges[:, span], second.edges[name][:, span]
                kept.setdefault((name, layer), []).append(sums_by_source(*both, first.g[:, span], second.g[:, span]))

    def rows(self) -> Iterator[Row]:
        """Rows of the table behind source_sae; ``target_layer`` in place of target_sae."""
        for name in self.bar.names:
            for layer in self.targets.sizes:
                yield {
                    "criterion": name,
                    "target_layer": layer,
                    "kind": self.draws.kind,
                    "first": self.draws.names[0],
                    "second": self.draws.names[1],
                    "n_cells": self.draws.n,
                    **agreement_row(
                        self.own.get((name, layer), []), self.chance.get((name, layer), []), self.n_sources
                    ),
                }


def agreement_row(own: list[Floats], chance: list[Floats], n_sources: int) -> Row:
    """Columns n_sources to r_chance, of sums by source [S, 10] of blocks."""
    parts = np.concatenate(own) if own else np.zeros((0, N_SUMS))
    key = "", 0
    by_chance = np.concatenate(chance).sum(0) if chance else np.zeros(N_SUMS)
    row: Row = Compared({key: parts.sum(0)}, {key: by_chance}, n_sources).row(*key)
    return {**row, "r_se": jackknife(parts)}


def jackknife(parts: Floats) -> float | None:
    """Step 5 of sums by source [S, 10]; None where r is not defined without some source."""
    some = parts[parts[:, 4] > 0]
    left = [pearson(some.sum(0) - one) for one in some]
    if len(left) < 3 or any(value is None for value in left):
        return None
    r = np.array(left, dtype=np.float64)
    return float(np.sqrt((r.size - 1) / r.size * np.square(r - r.mean()).sum()))


def sums_by_source(first: Bools, second: Bools, x: Floats, y: Floats) -> Floats:
    """The sums of ``effect_sizes.agreement`` for every source: edges and g [S, T] of two sides -> [S, 10]."""
    both, either = first & second, first | second
    agree = both & (np.sign(x) == np.sign(y))
    own, other = np.where(either, x, 0.0), np.where(either, y, 0.0)
    counts = [np.count_nonzero(marked, axis=1).astype(np.float64) for marked in (first, second, both, agree, either)]
    return np.column_stack(
        [*counts, own.sum(1), other.sum(1), (own * own).sum(1), (other * other).sum(1), (own * other).sum(1)]
    )
