"""Sets by design: members that share a pathway, members of different pathways, and any features, all firing alike.

1. A feature can be chosen if it fires and is active in ``min_cells`` cells. None is in two designed sets, so that sets
   are units: effects of sets that share a feature say the same thing twice.
2. ``pathway``: terms that are significant at every layer come in random order. A set takes one feature a layer with
   that term; each term makes one set.
3. ``across`` and ``random``: a set for each set of a pathway. Each member is drawn among those ``neighbours`` that are
   nearest to the pathway's member in log frequency; those of ``across`` have terms. No two members share a term.
4. All members of a set are active together in ``min_cells`` cells; where no such set is left there are fewer sets.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import polars as pl

from tasks.combine.described import Described, Feature
from tasks.combine.sets import Combination, Design, Intervention
from tasks.combine.settings import DesignSettings
from tasks.store import RequestError

Item = TypeVar("Item")
Members = tuple[Feature, ...]
Accept = Callable[[Members], bool]
FIRST_TRIED = 20  # features of a layer that are tried for one set: of four layers, 160,000 sets at most
STREAM = 2  # of the seed of step combine


def designed_sets(
    settings: DesignSettings, seed: int, described: Described, activity: pl.DataFrame
) -> list[Combination]:
    """The sets of all three kinds. Raises RequestError if there is none of a pathway."""
    draw = _Draw(settings, described, cells_of_features(activity), np.random.default_rng([seed, STREAM]))
    pathway = list(draw.of_pathways())
    if not pathway:
        layers = ", ".join(map(str, sorted(settings.layers)))
        raise RequestError(
            f"combine.design: no term is significant for features of all layers {layers} that are active together in "
            f"{settings.min_cells} cells: lower combine.design.min_cells, name other layers, or measure more cells "
            f"(combine.n_cells)"
        )
    alike = {kind: list(draw.like([members for _, members in pathway], kind)) for kind in ("across", "random")}
    found = [_combination("pathway", number, members, term) for number, (term, members) in enumerate(pathway, 1)]
    for kind in ("across", "random"):
        found += [_combination(kind, number, members) for number, members in enumerate(alike[kind], 1)]
    return found


def cells_of_features(activity: pl.DataFrame) -> dict[Feature, frozenset[int]]:
    """Cells in which each feature is active, by layer and feature; ``activity`` as step combine keeps it."""
    found = activity.group_by("layer", "feature").agg("cell_id")
    return {(layer, feature): frozenset(cells) for layer, feature, cells in found.iter_rows()}


def _combination(kind: Design, number: int, members: Members, pathway: str | None = None) -> Combination:
    interventions = tuple(sorted(Intervention(layer, feature, 0.0) for layer, feature in members))
    return Combination(f"{kind}-{number:03d}", interventions, drawn=True, design=kind, pathway=pathway)


@dataclass
class _Draw:
    """The draws of one step, in order; ``used``: features of sets that were drawn."""

    settings: DesignSettings
    described: Described
    cells: dict[Feature, frozenset[int]]
    rng: np.random.Generator
    used: set[Feature] = field(default_factory=set)

    def of_pathways(self) -> Iterator[tuple[str, Members]]:
        """Step 2: terms and sets."""
        pools = [self._free(layer) for layer in sorted(self.settings.layers)]
        shared = set.intersection(*({term for each in pool for term in self.described.of(each)} for pool in pools))
        n_found = 0
        for term in self._shuffled(sorted(shared)):
            if n_found == self.settings.sets:
                return
            having = [
                [each for each in pool if each not in self.used and term in self.described.of(each)] for pool in pools
            ]
            if (members := self._assemble([self._shuffled(each) for each in having], self._meet)) is not None:
                n_found += 1
                yield term, members

    def like(self, sets: Sequence[Members], kind: Design) -> Iterator[Members]:
        """Step 3 for the sets of pathways."""
        for members in sets:
            near = [self._shuffled(self._nearest(each, annotated=kind == "across")) for each in members]
            found = self._assemble(near, lambda some: self.described.apart(some) and self._meet(some))
            if found is not None:
                yield found

    def _free(self, layer: int) -> list[Feature]:
        """Step 1: features of ``layer`` that are in no set yet, ascending."""
        least = self.settings.min_cells
        found = (each for each, cells in self.cells.items() if each[0] == layer and len(cells) >= least)
        return sorted(each for each in found if each in self.described.frequency and each not in self.used)

    def _nearest(self, feature: Feature, *, annotated: bool) -> list[Feature]:
        frequency = self.described.frequency
        pool = [each for each in self._free(feature[0]) if self.described.of(each) or not annotated]
        distance = [(abs(np.log(frequency[each] / frequency[feature])), each) for each in pool]
        return [each for _, each in sorted(distance)[: self.settings.neighbours]]

    def _meet(self, members: Members) -> bool:
        return len(frozenset.intersection(*(self.cells[each] for each in members))) >= self.settings.min_cells

    def _assemble(self, candidates: Sequence[Sequence[Feature]], accept: Accept) -> Members | None:
        """The first set, one of each list, that is accepted at every length; its features are used from then on."""
        found = _first([each[:FIRST_TRIED] for each in candidates], accept, ())
        self.used.update(found or ())
        return found

    def _shuffled(self, items: Sequence[Item]) -> list[Item]:
        return [items[at] for at in self.rng.permutation(len(items))]


def _first(candidates: Sequence[Sequence[Feature]], accept: Accept, begun: Members) -> Members | None:
    if len(begun) == len(candidates):
        return begun
    for each in candidates[len(begun)]:
        extended = (*begun, each)
        if accept(extended) and (found := _first(candidates, accept, extended)) is not None:
            return found
    return None
