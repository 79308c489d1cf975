"""The plan of a study: which step folders it needs, each under the key of all that decides its content.

A step's key is the hash of its settings, the version of its numerical code, the hashes of the files
it reads and the keys of the steps before it. Paths are no part of a key, contents are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel

from flows import inputs
from flows.study import Study
from tasks.activations.settings import VERSION as ACTIVATIONS_VERSION
from tasks.cells.settings import VERSION as CELLS_VERSION
from tasks.combine.settings import VERSION as COMBINE_VERSION
from tasks.compare.settings import VERSION as COMPARE_VERSION
from tasks.describe.settings import VERSION as DESCRIBE_VERSION
from tasks.models.settings import VERSION as MODEL_VERSION
from tasks.sae.settings import VERSION as SAE_VERSION
from tasks.store import RequestError, StepFolder, content_key
from tasks.trace.settings import VERSION as TRACE_VERSION
from tasks.validate.settings import VERSION as VALIDATE_VERSION

Value = TypeVar("Value")
Targets = list[int] | Literal["next"]  # target layers, or the first after each source layer
STEPS = ("cells", "model", "activations", "sae", "compare", "describe", "trace", "combine", "validate", "publish")
SAE_APART = {"layers", "path", "checkpoint_steps"}  # settings that change nothing about an autoencoder
VERSIONS = {
    "cells": CELLS_VERSION,
    "model": MODEL_VERSION,
    "activations": ACTIVATIONS_VERSION,
    "sae": SAE_VERSION,
    "compare": COMPARE_VERSION,
    "describe": DESCRIBE_VERSION,
    "trace": TRACE_VERSION,
    "combine": COMBINE_VERSION,
    "validate": VALIDATE_VERSION,
}


@dataclass(frozen=True)
class Plan:
    """Where every step of one study lies. Layers map to folders where a step has one a layer.

    ``comparisons`` and ``combination`` are empty if the study compares or combines nothing.
    """

    run_id: str
    device: str
    cells: Path
    model: Path
    activations: Path
    saes: dict[int, Path]
    comparisons: dict[int, Path]
    describes: dict[int, Path]
    traces: dict[int, Path]
    targets: Targets
    combination: list[Path]
    validation: Path

    def steps(self) -> Iterator[tuple[str, list[Path]]]:
        """Steps in order, each with its folders."""
        yield "cells", [self.cells]
        yield "model", [self.model]
        yield "activations", [self.activations]
        yield "sae", list(self.saes.values())
        yield "compare", list(self.comparisons.values())
        yield "describe", list(self.describes.values())
        yield "trace", list(self.traces.values())
        yield "combine", self.combination
        yield "validate", [self.validation]

    def saes_traced(self, source: int) -> dict[int, Path]:
        """Autoencoder folders that a trace from ``source`` reads: its own and those of later target layers."""
        return _traced(self.saes, source, self.targets)

    def folders(self) -> list[Path]:
        """All step folders, in order."""
        return [folder for _, folders in self.steps() for folder in folders]

    def unfinished(self) -> list[Path]:
        """Folders that have no manifest yet, or a shard that is not as its ledger line says."""
        return [path for path in self.folders() if not StepFolder(path).done or StepFolder(path).damaged()]


def make_plan(study: Study, home: Path) -> Plan:
    """Hash the study's inputs and lay out its folders. Raises RequestError for missing inputs."""
    runs, device = home / "runs", inputs.resolve_device(study.device)
    layers = _choose_layers(study)
    keys = _make_keys(study, device, layers)
    last = {"study": study.name, "title": study.title, "describe": keys.describes, "validate": keys.validation}
    last |= {"combine": keys.combination} if keys.combination else {}
    last |= {"compare": keys.comparisons} if keys.comparisons else {}
    return Plan(
        run_id=content_key(last),
        device=device,
        cells=runs / f"cells-{keys.cells}",
        model=runs / f"model-{keys.model}",
        activations=runs / f"activations-{keys.activations}",
        saes={layer: runs / f"sae-{key}" for layer, key in keys.saes.items()},
        comparisons={layer: runs / f"compare-{key}" for layer, key in keys.comparisons.items()},
        describes={layer: runs / f"describe-{key}" for layer, key in keys.describes.items()},
        traces={layer: runs / f"trace-{key}" for layer, key in keys.traces.items()},
        targets=layers.targets,
        combination=[runs / f"combine-{key}" for key in keys.combination],
        validation=runs / f"validate-{keys.validation}",
    )


@dataclass(frozen=True)
class _Layers:
    saes: list[int]
    sources: list[int]
    targets: Targets
    compared: list[int]


@dataclass(frozen=True)
class _Keys:
    cells: str
    model: str
    activations: str
    saes: dict[int, str]
    comparisons: dict[int, str]
    describes: dict[int, str]
    traces: dict[int, str]
    combination: list[str]
    validation: str


def _choose_layers(study: Study) -> _Layers:
    saes = _layers("sae.layers", study.sae.layers, list(range(inputs.count_layers(study.model))))
    sources = _layers("trace.source_layers", study.trace.source_layers, saes)
    _layers("combine", study.combine.source_layers(), saes)
    _layers("combine.target_layers", study.combine.target_layers, saes)
    wanted = study.trace.target_layers
    targets: Targets = "next" if wanted == "next" else _layers("trace.target_layers", wanted, saes)
    compared = [] if study.compare.empty else _layers("compare.layers", study.compare.layers, saes)
    return _Layers(saes, sources, targets, compared)


def _make_keys(study: Study, device: str, layers: _Layers) -> _Keys:
    """Every step's key, each made of the keys before it. Cells and validation are the same on every device."""
    on: dict[str, object] = {"device": device}
    cells = _key("cells", study.cells, {"path"}, file=inputs.cells_hash(study), genes=inputs.vocabulary_hash(study))
    model = _key("model", study.model, {"path"}, weights=inputs.weights_hash(study.model), cells=cells, **on)
    activations = _key("activations", study.activations, set(), model=model, cells=cells, **on)
    taken = inputs.taken_hashes(study.sae, layers.saes)
    known = {at: {"layer": at, "read": activations, "taken": taken[at], **on} for at in layers.saes}
    saes = {at: _key("sae", study.sae, SAE_APART, **known[at]) for at in layers.saes}
    common = study.sae.model_dump(mode="json", exclude=SAE_APART)
    beside = {
        at: _key("compare", study.compare, {"layers"}, sae=saes[at], common=common, **on) for at in layers.compared
    }
    sets = inputs.gene_set_hashes(study.describe)
    describes = {at: _key("describe", study.describe, {"gene_sets"}, sae=saes[at], sets=sets, **on) for at in saes}
    traces = {}
    for source in layers.sources:
        read = {str(layer): key for layer, key in _traced(saes, source, layers.targets).items()}
        traces[source] = _key(
            "trace", study.trace, {"source_layers", "target_layers", "devices"}, layer=source, saes=read, **on
        )
    held = {"traces": traces, "describes": describes, "references": inputs.reference_hashes(study.validate_)}
    validation = _key("validate", study.validate_, {"networks", "signatures"}, **held)
    every = {str(layer): key for layer, key in saes.items()}
    combined = [] if study.combine.empty else [_key("combine", study.combine, set(), saes=every, **on)]
    return _Keys(cells, model, activations, saes, beside, describes, traces, combined, validation)


def _key(step: str, settings: BaseModel, without: set[str], **upstream: object) -> str:
    return content_key(
        {
            "step": step,
            "version": VERSIONS[step],
            "settings": settings.model_dump(mode="json", exclude=without),
            "upstream": upstream,
        }
    )


def _traced(saes: dict[int, Value], source: int, targets: Targets) -> dict[int, Value]:
    """What ``saes`` has of a source layer and of its target layers."""
    later = sorted(layer for layer in saes if layer > source)
    wanted = later[:1] if targets == "next" else [layer for layer in later if layer in targets]
    return {layer: sae for layer, sae in saes.items() if layer == source or layer in wanted}


def _layers(name: str, wanted: Sequence[int] | str, known: list[int]) -> list[int]:
    """Resolve ``all``, and refuse layers that are not among ``known``."""
    if isinstance(wanted, str):
        return known
    unknown = [layer for layer in wanted if layer not in known]
    if unknown:
        raise RequestError(f"{name}: no layer {unknown[0]}; layers to choose from: {', '.join(map(str, known))}")
    return sorted(set(wanted))
