"""All sets of one study in one step folder. Every method skips the units that the folder already has."""

from collections.abc import Iterator
from functools import cached_property

import polars as pl
import torch
from torch import Tensor

from tasks.causal.tiles import TiledEncoder
from tasks.combine.activity import cell_activity, choose_sets, common_cells
from tasks.combine.cell import cell_effects
from tasks.combine.contrast import KINDS
from tasks.combine.design import designed_sets
from tasks.combine.designed import MeasuredSet, contrast_frame, ratio_frame
from tasks.combine.inputs import CombineInputs
from tasks.combine.sets import Combination, Subset
from tasks.combine.settings import CombineSettings
from tasks.combine.tables import combination_frame, effect_frame, read_effects, stat_frame
from tasks.combine.turned import Place, turned_directions
from tasks.combine.walk import Walk
from tasks.sae import Sae
from tasks.store import StepFolder
from tasks.store.progress import track
from tasks.store.workers import in_parallel

ACTIVITY = "activity.parquet"


class Combine:
    """The units of work of the step."""

    def __init__(self, settings: CombineSettings, inputs: CombineInputs, out: StepFolder) -> None:
        self.settings, self.inputs, self.out = settings, inputs, out
        self.device = torch.device(inputs.adapter.device)
        self.readers = {layer: TiledEncoder(sae) for layer, sae in inputs.saes.items()}
        self.targets = {layer: TiledEncoder(sae) for layer, sae in inputs.targets.items()}

    def run(self) -> None:
        """Every unit, in order."""
        if not self.out.has("combinations"):
            with self.out.unit("combinations") as unit:
                unit.table("combination", combination_frame(self.combinations, self.cells_of, self.inputs.saes))
        missing = [cell for cell in self.cells if not self.out.has(_unit(cell))]
        if missing:
            _ = self.turned  # made here, before threads ask for them
        for _ in track(in_parallel(self._measure, missing, self.device), "conditions", len(missing), "cell"):
            pass
        for number, each in enumerate(track(self.combinations, "interactions", len(self.combinations), "set")):
            if not self.out.has(f"statistics-{number:05d}"):
                with self.out.unit(f"statistics-{number:05d}") as unit:
                    unit.table("combination_stat", self._tests(number, each))
        if self.settings.design is not None and not self.out.has("ratios"):
            with self.out.unit("ratios") as unit:
                ratios = ratio_frame(self.settings, self.settings.design, self._read_sets(), self.out)
                unit.table("combination_ratio", ratios)
                contrast = contrast_frame(self.settings, self.settings.design, self.combinations, ratios)
                unit.table("combination_contrast", contrast)

    @cached_property
    def activity(self) -> pl.DataFrame:
        """In how many positions of which cells the features of the intervened layers are active."""
        if not self.out.has("activity"):
            adapter, cells = self.inputs.adapter, self.inputs.cells
            passes = in_parallel(lambda at: cell_activity(adapter, self.readers, at, cells[at]), cells, self.device)
            found = pl.concat(track(passes, "activity", len(cells), "cell"))
            with self.out.unit("activity") as unit, unit.file(ACTIVITY) as path:
                found.write_parquet(path)
        return pl.read_parquet(self.out.file(ACTIVITY), glob=False)

    @cached_property
    def combinations(self) -> list[Combination]:
        """The sets: named, drawn, designed, and the controls of all of these."""
        settings, found = self.settings, choose_sets(self.settings, self.activity, len(self.inputs.cells))
        if settings.design is not None and self.inputs.described is not None:
            found += designed_sets(settings.design, settings.seed, self.inputs.described, self.activity)
        return [*found, *(each.along(control) for control in settings.controls for each in found)]

    @cached_property
    def turned(self) -> dict[Place, Tensor]:
        """Directions of controls."""
        one, cells = self.inputs, list(self.inputs.cells.values())
        return turned_directions(one.adapter, one.saes, cells, self.combinations, self.settings.seed)

    @cached_property
    def cells_of(self) -> dict[str, list[int]]:
        """Cells, ascending, in which each set is measured."""
        return {each.name: common_cells(each, self.activity) for each in self.combinations}

    @property
    def cells(self) -> list[int]:
        """Cells in which some set is measured, ascending."""
        return sorted({cell for cells in self.cells_of.values() for cell in cells})

    def info(self) -> dict[str, object]:
        """What the manifest says of the whole."""
        n_sets = sum(each.control is None for each in self.combinations)
        found = {"n_sets": n_sets, "n_cells": len(self.cells), "target_layers": list(self.targets)}
        if self.settings.design is None:
            return found
        kinds = [each.design for each in self.combinations if each.design is not None]
        counts = [f"{kinds.count(kind)} {kind}" for kind in KINDS]
        return {**found, "designed": f"{', '.join(counts)} of {self.settings.design.sets} sets each asked for"}

    def _measure(self, cell: int) -> None:
        here = [each for each in self.combinations if cell in self.cells_of[each.name]]
        layers = frozenset(self.targets)
        walk = Walk(self.inputs.adapter, self.readers, layers, self.inputs.cells[cell], turned=self.turned)
        with self.out.unit(_unit(cell)) as unit:
            found = cell_effects(walk, self.targets, here, self.settings.floor)
            unit.table("combination_effect", effect_frame(found, cell, self.inputs.targets))

    def _tests(self, number: int, combination: Combination) -> pl.DataFrame:
        """Rows of combination_stat of one set, from its archived effects."""
        effects = self._effects(combination)
        return pl.concat(stat_frame(combination, number, each, sae, self.settings) for sae, each in effects)

    def _effects(self, combination: Combination) -> Iterator[tuple[Sae, dict[Subset, Tensor]]]:
        """The archived effects of one set on every target layer that it is read at."""
        archive = pl.scan_parquet(self.out.shards("combination_effect"), glob=False)
        mine, cells = archive.filter(pl.col("combination") == combination.name).collect(), self.cells_of
        for layer, sae in self.inputs.targets.items():
            if layer > combination.deepest:
                own = mine.filter(target_layer=layer)
                yield sae, read_effects(own, combination, cells[combination.name], sae.n_features)

    def _read_sets(self) -> Iterator[MeasuredSet]:
        """Every set of two members or more, on every target layer."""
        for number, each in enumerate(self.combinations):
            if len(each.members) > 1:
                for sae, effects in self._effects(each):
                    yield MeasuredSet(number, each, sae, effects)


def _unit(cell: int) -> str:
    return f"cell-{cell:08d}"
