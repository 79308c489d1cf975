"""The plan of a study: which step folders it needs, each under the key of all that decides its content.

A step's key is the hash of its settings, the version of its numerical code, the hashes of the files
it reads and the keys of the steps before it. Paths are no part of a key, contents are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from flows import inputs
from flows.study import Study
from tasks.activations.settings import VERSION as ACTIVATIONS_VERSION
from tasks.cells.settings import VERSION as CELLS_VERSION
from tasks.describe.settings import VERSION as DESCRIBE_VERSION
from tasks.models.settings import VERSION as MODEL_VERSION
from tasks.sae.settings import VERSION as SAE_VERSION
from tasks.store import RequestError, StepFolder, content_key
from tasks.trace.settings import VERSION as TRACE_VERSION
from tasks.validate.settings import VERSION as VALIDATE_VERSION

Value = TypeVar("Value")
STEPS = ("cells", "model", "activations", "sae", "describe", "trace", "validate", "publish")
VERSIONS = {
    "cells": CELLS_VERSION,
    "model": MODEL_VERSION,
    "activations": ACTIVATIONS_VERSION,
    "sae": SAE_VERSION,
    "describe": DESCRIBE_VERSION,
    "trace": TRACE_VERSION,
    "validate": VALIDATE_VERSION,
}


@dataclass(frozen=True)
class Plan:
    """Where every step of one study lies. Layers map to folders where a step has one a layer."""

    run_id: str
    device: str
    cells: Path
    model: Path
    activations: Path
    saes: dict[int, Path]
    describes: dict[int, Path]
    traces: dict[int, Path]
    targets: list[int]
    validation: Path

    def steps(self) -> Iterator[tuple[str, list[Path]]]:
        """Steps in order, each with its folders."""
        yield "cells", [self.cells]
        yield "model", [self.model]
        yield "activations", [self.activations]
        yield "sae", list(self.saes.values())
        yield "describe", list(self.describes.values())
        yield "trace", list(self.traces.values())
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
    n_layers = inputs.count_layers(study.model)
    sae_layers = _layers("sae.layers", study.sae.layers, n_layers)
    sources = _layers("trace.source_layers", study.trace.source_layers, n_layers, sae_layers)
    targets = _layers("trace.target_layers", study.trace.target_layers, n_layers, sae_layers)
    base = {"device": device}
    cells = _key("cells", study.cells, {"path"}, file=inputs.cells_hash(study), genes=inputs.vocabulary_hash(study))
    model = _key("model", study.model, {"path"}, weights=inputs.weights_hash(study.model), cells=cells, **base)
    activations = _key("activations", study.activations, set(), model=model, cells=cells, **base)
    saes = {layer: _key("sae", study.sae, {"layers"}, layer=layer, on=activations, **base) for layer in sae_layers}
    libraries = inputs.gene_set_hashes(study.describe)
    describes = {
        layer: _key("describe", study.describe, {"gene_sets"}, sae=key, sets=libraries, **base)
        for layer, key in saes.items()
    }
    traces = {
        layer: _key(
            "trace",
            study.trace,
            {"source_layers", "target_layers"},
            layer=layer,
            saes={str(other): key for other, key in _traced(saes, layer, targets).items()},
            **base,
        )
        for layer in sources
    }
    validation = _key(
        "validate",
        study.validate_,
        {"networks", "signatures"},
        traces=list(traces.values()),
        describes=list(describes.values()),
        references=inputs.reference_hashes(study.validate_),
    )
    return Plan(
        run_id=content_key({"study": study.name, "title": study.title, "describes": describes, "last": validation}),
        device=device,
        cells=runs / f"cells-{cells}",
        model=runs / f"model-{model}",
        activations=runs / f"activations-{activations}",
        saes={layer: runs / f"sae-{key}" for layer, key in saes.items()},
        describes={layer: runs / f"describe-{key}" for layer, key in describes.items()},
        traces={layer: runs / f"trace-{key}" for layer, key in traces.items()},
        targets=targets,
        validation=runs / f"validate-{validation}",
    )


def _key(step: str, settings: BaseModel, without: set[str], **upstream: object) -> str:
    return content_key(
        {
            "step": step,
            "version": VERSIONS[step],
            "settings": settings.model_dump(mode="json", exclude=without),
            "upstream": upstream,
        }
    )


def _traced(saes: dict[int, Value], source: int, targets: list[int]) -> dict[int, Value]:
    return {layer: sae for layer, sae in saes.items() if layer == source or (layer > source and layer in targets)}


def _layers(name: str, wanted: Sequence[int] | str, n_layers: int, among: list[int] | None = None) -> list[int]:
    """Resolve ``all`` and refuse layers that the model, or the list of trained SAEs, does not have."""
    known = list(range(n_layers)) if among is None else among
    if isinstance(wanted, str):
        return known
    unknown = [layer for layer in wanted if layer not in known]
    if unknown:
        raise RequestError(f"{name}: no layer {unknown[0]}; layers to choose from: {', '.join(map(str, known))}")
    return sorted(set(wanted))
