"""The units of work of one effect of one source layer, each written once."""

from functools import cached_property
from itertools import repeat
from pathlib import Path

import polars as pl
import torch
from torch import Tensor

from tasks.causal.engines import make_engine
from tasks.causal.later import Later
from tasks.models.precision import in_precision
from tasks.store import StepFolder, Unit
from tasks.store.progress import track
from tasks.store.workers import N_THREADS
from tasks.trace.audit import audit_frame, audited_features
from tasks.trace.control_rows import control_frame, side_by_side
from tasks.trace.controls import DIRECTIONS, draw_sample, measured, treatments
from tasks.trace.decoys import Specific, decoy_nulls
from tasks.trace.inputs import TraceInputs
from tasks.trace.layout import Layout
from tasks.trace.measure import Measurement, Treatment
from tasks.trace.memory import require_room, shape_of
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.share import WHOLE, Share
from tasks.trace.significance.degree import degree_frame
from tasks.trace.significance.edges import Controlled, edge_frame, families, q_values
from tasks.trace.significance.pair_tests import block_statistics, by_feature
from tasks.trace.significance.rules import Rule, rules
from tasks.trace.significance.sweep import threshold_frame
from tasks.trace.sources import Sources
from tasks.trace.units import Units


class EffectTrace:
    """One effect of one source layer in one step folder. Every method skips units that the folder already has."""

    def __init__(
        self, effect: str, settings: TraceSettings, inputs: TraceInputs, sources: Sources, out: StepFolder
    ) -> None:
        self.settings, self.sources, self.out = settings, sources, out
        self.names = Names.of(inputs.source, inputs.targets, effect)
        self.rules, self.device = rules(settings), torch.device(inputs.adapter.device)
        shape = shape_of(effect, inputs, sources.pairs, settings.positions)
        self.layout = Layout.of(settings, shape, self.device.type == "cpu")
        require_room(settings, self.layout, shape, len(inputs.replicas), N_THREADS)
        self.measurement = self._measurement(settings.precision)

    @cached_property
    def sample(self) -> dict[int, int | None]:
        """Features whose controls are traced, each with its frequency-matched partner."""
        return draw_sample(self.sources.n_positions, self.settings.n_controls, [self.settings.seed, self.layer])

    @property
    def layer(self) -> int:
        """The source layer."""
        return self.names.source_layer

    @property
    def units(self) -> Units | None:
        """What the traced cells were taken from."""
        return self.sources.inputs.units

    @property
    def tested(self) -> list[Tensor]:
        """Features whose tests are computed together."""
        return list(torch.split(self.sources.features, self.layout.tested))

    def run(self) -> None:
        """Every unit, in order."""
        self.measure()
        self.tests()
        self.edges()
        self.controls()
        if self.settings.precision != "float32":
            self.audit()

    def measure(self, share: Share = WHOLE) -> None:
        """Ablations, companions and controls, or a share of them."""
        controls = treatments(list(self.sample), self.sources, self.settings)
        every = [*self.measurement.ablations(), *self.measurement.companions(), *controls]
        self.measurement.run(every, f"{self.names.effect} effects of layer {self.layer}", share)

    def controls(self) -> None:
        """Compare the sampled features with their controls."""
        if self.out.has(self.names.unit("controls")):
            return
        drawn = self.drawn
        ablated = sorted({*self.sample, *(each for each in self.sample.values() if each is not None)})
        blocks = {"real": self.measurement.effects_of(torch.tensor(ablated))}
        blocks |= {name: self.measurement.control_effects(name, drawn) for name in measured(self.settings)}
        found = {name: side_by_side(block, self.units) for name, block in blocks.items()}
        counts = self._specific_counts(ablated) if self.controlled else {}
        with self.out.unit(self.names.unit("controls")) as unit:
            unit.table("trace_control", control_frame(self.names, self.calibrated, self.sample, found, counts))

    def _specific_counts(self, ablated: list[int]) -> dict[str, dict[int, int]]:
        """By control and feature: specific edges, and what would be called one of a control."""
        specific = Specific.of(self._edge_shards(), self.rules[-1])
        beside = self.measurement.companion_effects(self.drawn)
        found = {"real": {each: specific.edges.get(each, 0) for each in ablated}}
        for name in measured(self.settings):
            block = self.measurement.control_effects(name, self.drawn)
            found[name] = specific.of_control(by_feature(block, beside, self.units), self.calibrated)
        return found

    @property
    def drawn(self) -> Tensor:
        """Features whose controls are traced, int64, ascending."""
        return torch.tensor(list(self.sample))

    @property
    def calibrated(self) -> Rule:
        """The calibrated rule."""
        return next(rule for rule in self.rules if rule.name == "calibrated")

    @property
    def controlled(self) -> bool:
        """Whether displacements are measured beside the ablations."""
        return bool(self.settings.control_cells)

    def tests(self) -> None:
        """Test all live pairs, features by features."""
        label = f"{self.names.effect} tests of layer {self.layer}"
        for number, features in enumerate(track(self.tested, label, len(self.tested), "block")):
            if not self.out.has(self.names.unit("tests", number)):
                with self.out.unit(self.names.unit("tests", number)) as unit:
                    self._test(unit, number, features)

    def _test(self, unit: Unit, number: int, features: Tensor) -> None:
        block = self.measurement.effects_of(features)
        beside = self.measurement.companion_effects(features) if self.controlled else None
        found = block_statistics(block, beside, self.names, self.settings, self.device, self.units)
        unit.table("null_feature", found.null)
        for kind, frame in (("tests", found.tests), ("sweep", found.sweep)):
            with unit.file(self.names.file(kind, number)) as path:
                frame.write_parquet(path)

    def edges(self) -> None:
        """Write edge_stat, with q over the tests of all features."""
        tests = self._files("tests")
        if all(self.out.has(self.names.unit("edges", number)) for number in range(len(tests))):
            return
        beside = self._beside_decoys() if self.controlled else None
        again = q_values(tests, beside.read) if beside else repeat(None)
        for number, (path, q, q_specific) in enumerate(zip(tests, q_values(tests), again, strict=False)):
            if not self.out.has(self.names.unit("edges", number)):
                found = pl.read_parquet(path, glob=False)
                columns = beside.columns(found, q, q_specific) if beside and q_specific is not None else []
                with self.out.unit(self.names.unit("edges", number)) as unit:
                    unit.table("edge_stat", edge_frame(self.names, found, q, columns))

    def _beside_decoys(self) -> Controlled:
        decoys = [self.measurement.control_effects(name, self.drawn) for name in DIRECTIONS]
        beside = self.measurement.companion_effects(self.drawn)
        members = families(self._files("tests"), self.calibrated)
        tested = {layer: family.n / self.sources.n_tested for layer, family in members.items()}
        nulls = decoy_nulls(decoys, beside, self.calibrated, tested, self.units)
        return Controlled(nulls, members, self.calibrated)

    def audit(self) -> None:
        """Measure a sample again in float32, and write what the reduced precision changed."""
        if self.out.has(self.names.unit("audit")):
            return
        published = self.degrees().filter(direction="out", criterion="published")
        degrees = published.group_by("feature").agg(pl.col("degree").sum()).sort("feature")
        precision, seed = self.settings.precision, [self.settings.seed, self.layer]
        features = audited_features(dict(degrees.iter_rows()), self.settings.audit_fraction, seed)
        exact = self._measurement("float32")
        again = Treatment("audit", features, exact.ablate, self.settings.floor, True)
        exact.run([again], f"{self.names.effect} effects of layer {self.layer} in float32")
        pair = self.measurement.effects_of(features), exact.control_effects("audit", features)
        with self.out.unit(self.names.unit("audit")) as unit:
            unit.table("precision_audit", audit_frame(self.names, precision, self.rules[0], *pair, self.units))

    def _measurement(self, precision: str) -> Measurement:
        inputs = self.sources.inputs
        engines = []
        for replica in inputs.replicas:
            later = Later(in_precision(replica.adapter, precision), inputs.source.layer, replica.targets)
            engines.append(make_engine(self.names.effect, later, self.settings.batch_tokens, self.settings.positions))
        return Measurement(self.settings, self.sources, engines, self.names, self.layout, self.out)

    def degrees(self) -> pl.DataFrame:
        """Rows of feature_degree."""
        return degree_frame(self.names, self.rules, self._edge_shards(), self.sources.features.tolist())

    def _edge_shards(self) -> list[Path]:
        return [path for path in self.out.shards("edge_stat") if path.stem.startswith(f"{self.names.effect}-")]

    def sweep(self) -> pl.DataFrame:
        """Rows of threshold_sweep."""
        return threshold_frame(self.names, self._files("sweep"))

    def _files(self, kind: str) -> list[Path]:
        return [self.out.file(self.names.file(kind, number)) for number in range(len(self.tested))]
