"""The units of work of one source layer's trace, each written once."""

from functools import cached_property
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from tasks.store import Progress, ScfmError, StepFolder, Unit
from tasks.store.progress import track
from tasks.trace.archive import effect_frame, pair_frame, read_effects
from tasks.trace.clean import CleanCell, clean_cell, source_state
from tasks.trace.controls import control_frame, draw_sample, random_directions, trace_along
from tasks.trace.degree import criterion_frame, degree_frame
from tasks.trace.edges import edge_frame, q_values
from tasks.trace.effects import ablate, active_pairs, trace_pairs
from tasks.trace.inputs import TraceInputs
from tasks.trace.names import Names
from tasks.trace.rules import rules
from tasks.trace.settings import TraceSettings
from tasks.trace.sites import Sites
from tasks.trace.statistics import block_statistics
from tasks.trace.sweep import threshold_frame
from tasks.trace.tail import Tail, TiledEncoder
from tasks.trace.workers import in_parallel


class LayerTrace:
    """One source layer in one step folder. Every method skips the units that the folder already has."""

    def __init__(self, settings: TraceSettings, inputs: TraceInputs, out: StepFolder, device: str) -> None:
        self.settings, self.inputs, self.out, self.device = settings, inputs, out, torch.device(device)
        self.names = Names.of(inputs.source, inputs.targets)
        self.rules = rules(settings)
        self.tail = Tail(inputs.adapter, inputs.source.layer, inputs.targets)

    @cached_property
    def states(self) -> dict[int, tuple[Tensor, Sites]]:
        """Source output and active sites of every cell, by cell_id ascending."""
        encoder = TiledEncoder(self.inputs.source)
        found = in_parallel(lambda x: source_state(self.tail, encoder, x), self.inputs.tokens.values(), self.device)
        return dict(zip(self.inputs.tokens, found, strict=True))

    @cached_property
    def cells(self) -> list[CleanCell]:
        """The undisturbed cells; only what is still to be traced needs them."""
        passes = in_parallel(
            lambda cell: clean_cell(self.tail, cell, *self.states[cell], self.settings.batch_tokens),
            self.states,
            self.device,
        )
        return list(track(passes, "clean passes", len(self.states), "cell"))

    @cached_property
    def features(self) -> list[Tensor]:
        """Living features, those that are active in some traced cell, ascending, in blocks.

        Raises ScfmError if there are none.
        """
        living = torch.unique(torch.cat([sites.features for _, sites in self.states.values()]))
        if not len(living):
            raise ScfmError(f"no feature of {self.names.source_sae} is active in the traced cells: train it longer")
        return list(torch.split(living, self.settings.feature_block))

    @property
    def n_pairs(self) -> int:
        """Pairs of a feature and a cell where it is active."""
        return sum(len(sites.features) for _, sites in self.states.values())

    def blocks(self) -> None:
        """Trace and test all source features, block by block."""
        with Progress(f"tracing layer {self.names.source_layer}", self.n_pairs, "pair") as bar:
            for number, features in enumerate(self.features):
                if self.out.has(f"block-{number:05d}"):
                    bar.advance(sum(len(sites.among(features)) for _, sites in self.states.values()))
                    continue
                with self.out.unit(f"block-{number:05d}") as unit:
                    self._block(unit, features, number, bar)

    def _block(self, unit: Unit, features: Tensor, number: int, bar: Progress) -> None:
        pairs = active_pairs(self.cells, features)
        directions = self.inputs.source.W_dec
        block = trace_pairs(self.tail, self.cells, pairs, ablate(directions), self.settings.floor, bar.advance)
        found = block_statistics(block, self.names, self.settings, self.device)
        norms = self.inputs.source.decoder_norms.cpu().double()
        unit.table("trace_pair", pair_frame(self.names, self.cells, pairs, norms))
        unit.table("effect_cell", effect_frame(self.names, self.cells, block))
        unit.table("null_feature", found.null)
        for name, frame in (("tests", found.tests), ("sweep", found.sweep)):
            with unit.file(f"{name}/block-{number:05d}.parquet") as path:
                frame.write_parquet(path)

    def controls(self) -> None:
        """Trace the controls of a sample of features."""
        if self.out.has("controls"):
            return
        with self.out.unit("controls") as unit:
            unit.table("trace_control", self._controls())

    def _controls(self) -> pl.DataFrame:
        seed = [self.settings.seed, self.names.source_layer]
        pairs, archive = self.out.read_table("trace_pair"), self.out.shards("effect_cell")
        counts = pairs.group_by("source_feature").agg(pl.col("n_positions").cast(pl.UInt32).sum())
        sample = draw_sample(dict(counts.iter_rows()), self.settings.n_controls, seed)
        drawn, real = list(sample), self.inputs.source.W_dec
        sizes = {layer: sae.n_features for layer, sae in self.tail.targets.items()}
        total = 2 * pairs.filter(pl.col("source_feature").is_in(drawn)).height
        with Progress("controls", total, "pair") as bar:
            zero = trace_along(self.tail, self.cells, drawn, torch.zeros_like(real), 0.0, bar.advance)
            turned = random_directions(real, drawn, seed)
            random = trace_along(self.tail, self.cells, drawn, turned, self.settings.floor, bar.advance)
        return control_frame(
            self.names, self.rules[-1], sample, zero, random, lambda f: read_effects(archive, pairs, sizes, f)
        )

    def edges(self) -> None:
        """Write edge_stat, with q over the tests of all blocks."""
        tests = self._files("tests")
        for number, (path, q) in enumerate(zip(tests, q_values(tests), strict=True)):
            if not self.out.has(f"edges-{number:05d}"):
                with self.out.unit(f"edges-{number:05d}") as unit:
                    unit.table("edge_stat", edge_frame(self.names, pl.read_parquet(path), q))

    def summary(self) -> None:
        """Write the tables that count edges."""
        if self.out.has("summary"):
            return
        sources = torch.cat(self.features).tolist()
        with self.out.unit("summary") as unit:
            unit.table("criterion", criterion_frame(self.rules))
            unit.table("feature_degree", degree_frame(self.names, self.rules, self.out.shards("edge_stat"), sources))
            unit.table("threshold_sweep", threshold_frame(self.names, self._files("sweep")))

    def info(self) -> dict[str, object]:
        """What the manifest says of the whole."""
        degree = self.out.read_table("feature_degree").filter(pl.col("direction") == "out")
        return {
            "source_sae": self.names.source_sae,
            "layer": self.names.source_layer,
            "target_layers": list(self.names.target_saes),
            "n_cells": len(self.states),
            "n_features": sum(map(len, self.features)),
            "n_pairs": self.n_pairs,
            "edges": dict(degree.group_by("criterion").agg(pl.col("degree").sum()).sort("criterion").iter_rows()),
        }

    def _files(self, name: str) -> list[Path]:
        return [self.out.file(f"{name}/block-{number:05d}.parquet") for number in range(len(self.features))]
