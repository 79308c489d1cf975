"""All effects of one source layer in one step folder."""

import polars as pl

from tasks.store import StepFolder
from tasks.store.progress import notice
from tasks.trace.effect_trace import EffectTrace
from tasks.trace.inputs import TraceInputs
from tasks.trace.names import Names
from tasks.trace.settings import TraceSettings
from tasks.trace.share import Share
from tasks.trace.significance.degree import criterion_frame
from tasks.trace.significance.rules import rules
from tasks.trace.sources import Sources
from tasks.trace.wording import edge_counts, fit_range, fit_warnings, unit_counts


class LayerTrace:
    """All effects of one source layer in one step folder."""

    def __init__(
        self, settings: TraceSettings, inputs: TraceInputs, whole: StepFolder, out: StepFolder | None = None
    ) -> None:
        """``out``: where units are written, if not into the folder of the ``whole``."""
        self.settings, self.inputs, self.out = settings, inputs, out or whole
        self.sources = Sources(settings, inputs, Names.of(inputs.source, inputs.targets, settings.effects[0]), whole)

    def run(self) -> None:
        """Trace, test and count."""
        self.prepare()
        effects = self._traces()
        for effect in effects:
            effect.run()
        if not self.out.has("summary"):
            with self.out.unit("summary") as unit:
                unit.table("criterion", criterion_frame(rules(self.settings), self.settings))
                unit.table("feature_degree", pl.concat(effect.degrees() for effect in effects))
                unit.table("threshold_sweep", pl.concat(effect.sweep() for effect in effects))

    def prepare(self) -> None:
        """Choose what is traced where; autoencoders that explain little of the traced cells are named."""
        for line in fit_warnings(self.sources.fit, self.settings.least_explained):
            notice(line)
        self.sources.pairs  # noqa: B018 - written when it is asked for

    def measure(self, part: int) -> None:
        """Measure the share of one of ``trace.parts``."""
        for effect in self._traces():
            effect.measure(Share(part, self.settings.parts))

    def _traces(self) -> list[EffectTrace]:
        return [EffectTrace(each, self.settings, self.inputs, self.sources, self.out) for each in self.effects]

    @property
    def effects(self) -> list[str]:
        """Total before direct, however the settings order them."""
        return sorted(self.settings.effects, reverse=True)

    def _units(self) -> dict[str, object]:
        """What there is to say of units that are not cells."""
        units = self.inputs.units
        if units is None:
            return {}
        untested = len(self.sources.features) - self.sources.n_tested
        counts = {"n_units": units.n, "n_cells_without_unit": units.without, "n_untested_features": untested}
        sizes = units.sizes.values() if self.settings.cells_draw == "balanced" else ()
        return {**counts, "units": unit_counts(units.name, units.n, units.least, units.without, untested, sizes)}

    def info(self) -> dict[str, object]:
        """What the manifest says of the whole."""
        degree, names = self.out.read_table("feature_degree").filter(direction="out"), self.sources.names
        edges = {
            effect: dict(part.group_by("criterion").agg(pl.col("degree").sum()).sort("criterion").iter_rows())
            for (effect,), part in sorted(degree.partition_by("effect", as_dict=True).items())
        }
        return {
            "source_sae": names.source_sae,
            "layer": names.source_layer,
            "target_layers": list(names.target_saes),
            "effects": self.effects,
            "n_cells": len(self.inputs.cells),
            "n_features": len(self.sources.features),
            "n_pairs": self.sources.pairs.height,
            **({"ablation": self.settings.unusual} if self.settings.unusual else {}),
            "fit": fit_range(self.sources.fit),
            **self._units(),
            "edges": edges,
            **{f"{effect}_edges": f"{effect} effects: {edge_counts(edges[effect])}" for effect in self.effects},
        }
