"""The measured units of one effect: features in a block of cells, ablated or displaced as a control.

Cells of a block are prepared once on every device, when the first of its units is missing, and let go after the last.
Devices take units as they become free; which one measured a unit changes nothing in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import polars as pl
import torch
from torch import Tensor

from tasks.causal.effects import BlockEffects, Displace, along, trace_pairs
from tasks.causal.engines import Engine, PreparedCell
from tasks.store import Progress, StepFolder
from tasks.store.workers import in_parallel, share
from tasks.trace.archive import effect_frame, effect_shards, measured_file, read_effects
from tasks.trace.companions import Companions, pairs_of
from tasks.trace.layout import Layout
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.share import WHOLE, Share
from tasks.trace.sources import Sources


@dataclass(frozen=True)
class Treatment:
    """What is done to ``features`` int64 where they are active, in all cells or in ``pairs`` (rows of trace_pair) only.

    ``name`` is part of the unit's name. An ablation becomes a table; a control, and what is measured again, a file.
    """

    name: str
    features: Tensor
    displace: Callable[[], Displace]
    floor: float
    control: bool
    pairs: pl.DataFrame | None = None


class Work(NamedTuple):
    """One unit to measure: a treatment in a block of cells."""

    name: str
    cell_block: int
    treatment: Treatment
    n_pairs: int


@dataclass(frozen=True)
class Worker:
    """An engine with the cells that it has prepared."""

    engine: Engine
    cells: list[PreparedCell]


class Measurement:
    """One effect of one source layer, ``engines`` one a device; units that the folder has are skipped."""

    def __init__(
        self,
        settings: TraceSettings,
        sources: Sources,
        engines: list[Engine],
        names: Names,
        layout: Layout,
        out: StepFolder,
    ) -> None:
        self.settings, self.sources, self.engines = settings, sources, engines
        self.names, self.layout, self.out = names, layout, out
        cells = list(sources.inputs.cells)
        self.beside = Companions(sources, settings)
        self.cell_blocks = [cells[start : start + layout.cells] for start in range(0, len(cells), layout.cells)]

    def ablations(self) -> list[Treatment]:
        """The features themselves, block by block."""
        treat = partial(Treatment, displace=self.ablate, floor=self.settings.floor, control=False)
        return [treat(f"f{number:05d}", part) for number, part in enumerate(self.blocks)]

    def ablate(self) -> Displace:
        """What is done to the features themselves; made when it is needed, for it may need every cell's activations."""
        return along(self.sources.directions, self.sources.change)

    def companions(self) -> list[Treatment]:
        """Displacements beside the ablations, in the same blocks of features; none where the settings want none."""
        pairs = self.beside.pairs
        if pairs.is_empty():
            return []
        treat = partial(Treatment, displace=lambda: self.beside.displace, floor=self.settings.floor, control=True)
        return [treat(f"k{number:05d}", part, pairs=pairs) for number, part in enumerate(self.blocks)]

    @property
    def blocks(self) -> list[Tensor]:
        """Features that a unit measures together."""
        return list(torch.split(self.sources.features, self.layout.features))

    def run(self, treatments: list[Treatment], label: str, share: Share = WHOLE) -> None:
        """Measure every pair of the treatments, or a share of what is missing; ``label`` stands before the progress."""
        units = [self._work(number, each) for number in range(len(self.cell_blocks)) for each in treatments]
        missing = [one for one in units if not self.sources.out.has(one.name)]
        own = share.of(missing, [one.n_pairs for one in missing])
        ours = [one for one in own if not self.out.has(one.name)]
        done = sum(one.n_pairs for one in units) - sum(one.n_pairs for one in missing)
        with Progress(label, done + sum(one.n_pairs for one in own), "pair") as bar:
            bar.advance(done + sum(one.n_pairs for one in own) - sum(one.n_pairs for one in ours))
            for number in range(len(self.cell_blocks)):
                self._share(number, [one.treatment for one in ours if one.cell_block == number], bar)

    def _work(self, cell_block: int, treatment: Treatment) -> Work:
        n_pairs = self._pairs(treatment, self.cell_blocks[cell_block]).height
        return Work(self._unit(cell_block, treatment.name), cell_block, treatment, n_pairs)

    def effects_of(self, features: Tensor) -> BlockEffects:
        """Archived effects of ablated features, in all cells."""
        shards = effect_shards(self.out, self.names.effect)
        return read_effects(self._holding(shards, features), self.pairs_of(features), self.sizes)

    def control_effects(self, name: str, features: Tensor) -> BlockEffects:
        """Archived effects of a control of ``features``, in all cells."""
        return read_effects(self._measured([name]), self.pairs_of(features), self.sizes)

    def companion_effects(self, features: Tensor) -> BlockEffects:
        """Archived effects of the companions of ``features``, in the cells that have them."""
        names = [each.name for each in self.companions() if torch.isin(each.features, features).any()]
        pairs = self.beside.pairs.filter(pl.col("source_feature").is_in(features.tolist()))
        return read_effects(self._measured(names), pairs, self.sizes)

    @property
    def sizes(self) -> dict[int, int]:
        """Features of every target layer."""
        return {layer: sae.n_features for layer, sae in self.engines[0].later.targets.items()}

    def pairs_of(self, features: Tensor) -> pl.DataFrame:
        """Rows of trace_pair of ``features``."""
        return self.sources.pairs.filter(pl.col("source_feature").is_in(features.tolist()))

    def _pairs(self, treatment: Treatment, cells: list[int]) -> pl.DataFrame:
        pairs = self.sources.pairs if treatment.pairs is None else treatment.pairs
        wanted = pl.col("source_feature").is_in(treatment.features.tolist()) & pl.col("cell_id").is_in(cells)
        return pairs.filter(wanted)

    def _measured(self, names: list[str]) -> list[Path]:
        units = [self._unit(number, name) for name in names for number in range(len(self.cell_blocks))]
        return [self.out.file(measured_file(unit)) for unit in units]

    def _holding(self, shards: list[Path], features: Tensor) -> list[Path]:
        """The shards whose unit has some of ``features``."""
        wanted = {each.name for each in self.ablations() if torch.isin(each.features, features).any()}
        return [path for path in shards if path.stem.rpartition("-")[2] in wanted]

    def _unit(self, cell_block: int, name: str) -> str:
        return f"{self.names.effect}-c{cell_block:04d}-{name}"

    def _share(self, cell_block: int, missing: list[Treatment], bar: Progress) -> None:
        """Measure the missing units of a block of cells, each by the device that is free first."""
        free: SimpleQueue[Worker] = SimpleQueue()
        for engine in self.engines[: len(missing)]:
            free.put(self._prepare(engine, cell_block))

        def measure(treatment: Treatment) -> None:
            worker = free.get()
            try:
                self._measure(worker, cell_block, treatment, bar)
            finally:
                free.put(worker)

        share(measure, missing, len(self.engines))

    def _prepare(self, engine: Engine, cell_block: int) -> Worker:
        wanted, device = set(self.cell_blocks[cell_block]), torch.device(engine.later.adapter.device)
        states = [state.to(device) for state in self.sources.states if state.cell_id in wanted]
        return Worker(engine, list(in_parallel(engine.prepare, states, device)))

    def _measure(self, worker: Worker, cell_block: int, treatment: Treatment, bar: Progress) -> None:
        engine, cells = worker.engine, worker.cells
        name = self._unit(cell_block, treatment.name)
        some = treatment.pairs is not None or self.settings.positions == "silent"  # a cell may leave none to be read
        only = set(pairs_of(self._pairs(treatment, self.cell_blocks[cell_block]))) if some else None
        displace = treatment.displace()
        with self.out.unit(name) as unit:
            found = trace_pairs(engine, cells, treatment.features, displace, treatment.floor, bar.advance, only)
            frame = effect_frame(self.names, [cell.state for cell in cells], found)
            if treatment.control:
                with unit.file(measured_file(name)) as path:
                    frame.write_parquet(path)
            else:
                unit.table("effect_cell", frame)
