"""``global_summary.json``: how large the atlas is, and what it says of its layers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.atlas.files import SUMMARY
from tasks.atlas.reading import read_file
from tasks.store import RequestError

TOTALS = {
    "total_alive": "alive",
    "total_annotated": "annotated",
    "total_modules": "n_modules",
    "total_novel": "n_novel",
}


@dataclass(frozen=True)
class Summary:
    """Layers by number, each as the file writes it."""

    n_layers: int
    n_features: int
    layers: dict[int, dict[str, Any]]


def read_summary(folder: Path) -> Summary:
    """The summary of the atlas in ``folder``. Raises RequestError if there is none or it contradicts itself."""
    path = folder / SUMMARY
    if not path.is_file():
        raise RequestError(f"{folder} is no published atlas: it has no {SUMMARY}; give the folder with the JSON files")
    with read_file(path) as raw:
        layers = {int(layer["layer"]): dict(layer) for layer in raw["layers"]}
        if sorted(layers) != list(range(raw["n_layers"])) or len(layers) != len(raw["layers"]):
            raise ValueError(
                f"it says {raw['n_layers']} layers and lists {[entry['layer'] for entry in raw['layers']]}"
            )
        for total, part in TOTALS.items():
            if raw[total] != sum(layer[part] for layer in layers.values()):
                raise ValueError(f"{total} is {raw[total]}, its layers add up to another number")
        return Summary(int(raw["n_layers"]), int(raw["n_features_per_layer"]), layers)
