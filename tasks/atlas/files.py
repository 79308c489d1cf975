"""The files of a published atlas: their names, and which of them are there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.store import RequestError, sha256_file

SUMMARY = "global_summary.json"
OF_A_LAYER = ("features", "annotations", "celltypes", "positions")
OF_THE_ATLAS = (
    "modules", "cross_layer_graph", "cross_layer_tracking", "causal_patching", "perturbation_response",
    "novel_clusters", "svd_comparison", "gene_index", "ontology_index",
)  # fmt: skip
LAYER_FILE = re.compile(r"layer_(\d+)_[a-z]+\.json")


@dataclass(frozen=True)
class AtlasFile:
    """One file that an atlas may have; ``layer`` is None for files of the whole atlas."""

    name: str
    kind: str
    layer: int | None


def layer_file(layer: int, kind: str) -> AtlasFile:
    """The file of that kind of a layer."""
    return AtlasFile(f"layer_{layer:02d}_{kind}.json", kind, layer)


def possible_files(n_layers: int) -> Iterator[AtlasFile]:
    """Every file that an atlas of so many layers may have, the summary first."""
    yield AtlasFile(SUMMARY, "global_summary", None)
    for layer in range(n_layers):
        yield from (layer_file(layer, kind) for kind in OF_A_LAYER)
    yield from (AtlasFile(f"{kind}.json", kind, None) for kind in OF_THE_ATLAS)


def refuse_other_layers(folder: Path, n_layers: int) -> None:
    """Raise RequestError for a file of a layer that the summary does not know."""
    for path in sorted(folder.glob("layer_*.json")):
        found = LAYER_FILE.fullmatch(path.name)
        if found and int(found[1]) >= n_layers:
            raise RequestError(f"{path}: {SUMMARY} says that the atlas has layers 0 to {n_layers - 1}: remove the file")


def file_hashes(folder: Path, n_layers: int) -> dict[str, str]:
    """SHA-256 of every file of the atlas that is there, by name."""
    names = [file.name for file in possible_files(n_layers)]
    return {name: sha256_file(folder / name) for name in names if (folder / name).is_file()}
