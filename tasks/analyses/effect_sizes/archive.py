"""The archived effects of one source layer's trace, a few sources at a time, with what was measured beside them.

Sources that are active in too few units to be tested (``trace.min_units``) are left out, as they have no edge.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from tasks.causal.effects import BlockEffects
from tasks.cells.reader import CellsReader
from tasks.step import Inputs
from tasks.store import StepFolder
from tasks.trace.archive import companion_files, effect_shards, read_effects
from tasks.trace.companions import companion_pairs
from tasks.trace.settings import TraceSettings
from tasks.trace.significance.degree import STAT_COLUMNS
from tasks.trace.units import Units, unit_by_cell

AT_ONCE = 32  # sources whose effects are in memory together
STATISTICS = [*STAT_COLUMNS, "excess"]


def n_blocks(sources: list[int]) -> int:
    """How many blocks so many sources come in."""
    return -(-len(sources) // AT_ONCE)


@dataclass(frozen=True)
class Block:
    """Some sources: ``stat``, their rows of edge_stat; their effects in every cell; those of their companions."""

    stat: pl.DataFrame
    effects: BlockEffects
    beside: BlockEffects | None


@dataclass(frozen=True)
class Archive:
    """Effects of one kind in a trace's ``folder``; ``sizes``: features of every target layer, ascending."""

    folder: StepFolder
    effect: str
    layer: int
    settings: TraceSettings
    sizes: dict[int, int]
    units: Units | None

    @classmethod
    def open(cls, folder: StepFolder, effect: str, inputs: Inputs, targets: list[int]) -> "Archive":
        """The archive of ``folder``, whose ``targets`` are the layers that were read."""
        settings = inputs.sections.of(TraceSettings)
        saes = inputs.layers("sae")
        sizes = {layer: int(StepFolder.open(saes[layer]).info["n_features"]) for layer in sorted(targets)}
        cells = folder.read_table("trace_pair")["cell_id"].unique().to_list()
        named = {cell: str(name) for cell, name in unit_by_cell(settings, CellsReader(inputs.folder("cells"))).items()}
        units = Units(settings.unit, {cell: named[cell] for cell in cells}, settings.min_units) if named else None
        return cls(folder, effect, inputs.own_layer, settings, sizes, units)

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """Rows of trace_pair of the sources that are tested, sorted by feature and cell."""
        every = self.folder.read_table("trace_pair")
        return every if self.units is None else every.filter(pl.col("source_feature").is_in(self.units.testable(every)))

    @cached_property
    def sources(self) -> list[int]:
        """The tested sources, ascending, with or without any effect."""
        found: list[int] = self.pairs["source_feature"].unique().sort().to_list()
        return found

    @cached_property
    def companions(self) -> pl.DataFrame:
        """The rows of ``pairs`` in which companions were measured."""
        wanted, seed = self.settings, [self.settings.seed, self.layer]
        found = companion_pairs(self.pairs, wanted.control_cells, wanted.least_cases, seed)
        return found if self.companion_files else found.clear()

    @cached_property
    def companion_files(self) -> list[Path]:
        """Where their effects are."""
        return companion_files(self.folder, self.effect)

    def tested(self) -> pl.LazyFrame:
        """STATISTICS of every pair with an effect in some cell, of the tested sources."""
        shards = self.folder.shards("edge_stat")
        every = pl.concat([pl.scan_parquet(path, glob=False) for path in shards]) if shards else None
        if every is None:
            return pl.LazyFrame(schema=dict.fromkeys(STATISTICS, pl.Float64))
        return every.filter(pl.col("effect") == self.effect, pl.col("source_feature").is_in(self.sources)).select(
            STATISTICS
        )

    @property
    def n_blocks(self) -> int:
        """How many blocks there are."""
        return n_blocks(self.sources)

    def blocks(self, of: list[int] | None = None) -> Iterator[Block]:
        """Tested sources with their effects, ascending: all, or those named by ``of``."""
        shards, stat = effect_shards(self.folder, self.effect), self.tested()
        wanted = self.sources if of is None else of
        for start in range(0, len(wanted), AT_ONCE):
            chosen = pl.col("source_feature").is_in(wanted[start : start + AT_ONCE])
            own, beside = self.pairs.filter(chosen), self.companions.filter(chosen)
            effects = read_effects(shards, own, self.sizes)
            others = None if beside.is_empty() else read_effects(self.companion_files, beside, self.sizes)
            yield Block(stat.filter(chosen).collect(), effects, others)
