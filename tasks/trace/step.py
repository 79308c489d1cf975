"""Step ``trace``: ablate every living feature of the source layers and measure what changes downstream."""

from collections.abc import Sequence

from tasks.cells.settings import CellsSettings
from tasks.section import Sections
from tasks.step import WHOLE, Layer, Layers, Parts, Reads, Step, choose_layers
from tasks.trace.settings import CELL, TraceSettings


def layers(settings: TraceSettings, known: Layers) -> list[Layer]:
    """The source layers. Raises RequestError for a source or target layer without an autoencoder."""
    choose_layers("trace.target_layers", settings.target_layers, known.of("sae"))
    return [*choose_layers("trace.source_layers", settings.source_layers, known.of("sae"))]


def traced_layers(settings: TraceSettings, source: Layer, known: Sequence[Layer]) -> list[Layer]:
    """The source layer and its target layers, of those with an autoencoder."""
    later = sorted(layer for layer in known if layer is not None and source is not None and layer > source)
    wanted = settings.target_layers
    named = {"all": later, "next": later[:1]}
    return [source, *(named[wanted] if isinstance(wanted, str) else [layer for layer in later if layer in wanted])]


def counted_layers(settings: TraceSettings, source: Layer, _known: Sequence[Layer]) -> list[Layer]:
    """The source layer, if features are chosen by how often they fire."""
    return [source] if settings.min_frequency else []


def described_layers(settings: TraceSettings, source: Layer, _known: Sequence[Layer]) -> list[Layer]:
    """The source layer, if features are chosen by what is known of them."""
    return [source] if settings.sources.needs_catalogue else []


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """Nothing; but refuse a unit that no cell can have. Raises RequestError."""
    unit, cells = sections.of(TraceSettings).unit, sections.of(CellsSettings)
    cells.require_kept("trace.unit", None if unit == CELL else unit)
    return {}


STEP = Step(
    name="trace",
    title="trace causal effects",
    settings=TraceSettings,
    version=5,
    work="tasks.trace.work:trace_layer",
    tables=(
        "traced_fit",
        "trace_source",
        "trace_pair",
        "effect_cell",
        "trace_control",
        "null_feature",
        "edge_stat",
        "precision_audit",
        "criterion",
        "feature_degree",
        "threshold_sweep",
    ),
    reads={
        "sae": Reads("source layer and its targets", traced_layers),
        "codes": Reads("source layer, if trace.min_frequency is set", counted_layers),
        "describe": Reads("source layer, if trace.sources ranks or stratifies", described_layers, added=True),
        "model": WHOLE,
        "cells": WHOLE,
    },
    layers=layers,
    outside=outside,
    apart=frozenset({"source_layers", "target_layers", "devices", "parts", "least_explained"}),
    seconds=130,
    parts=Parts(lambda settings: settings.parts, "tasks.trace.work:prepare_layer", "tasks.trace.work:measure_part"),
)
