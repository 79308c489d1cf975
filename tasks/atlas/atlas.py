"""An atlas on the disk, ready to be read: its summary, its files, and which published atlas it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.atlas.files import AtlasFile, file_hashes, layer_file, possible_files, refuse_other_layers
from tasks.atlas.known import Known, recognise
from tasks.atlas.settings import VERSION
from tasks.atlas.summary import Summary, read_summary
from tasks.store import RequestError, content_key


@dataclass(frozen=True)
class Atlas:
    """``files`` maps the names of files that are there to their SHA-256."""

    folder: Path
    summary: Summary
    files: dict[str, str]
    known: Known | None

    @property
    def layers(self) -> list[int]:
        """Layers with features. What refers to others is left out of every table, and a gap says so."""
        return [layer for layer in self.summary.layers if self.has(layer_file(layer, "features"))]

    @property
    def model_id(self) -> str:
        """Name of the model in the tables."""
        return f"{self.known.family if self.known else 'unknown'}-published"

    @property
    def key(self) -> str:
        """Content key: of the files, the published numbers and the version of this code."""
        numbers = self.known.key if self.known else None
        return content_key({"step": "atlas", "version": VERSION, "files": self.files, "numbers": numbers})

    def has(self, file: AtlasFile) -> bool:
        """Whether the file is there."""
        return file.name in self.files

    def path(self, kind: str, layer: int | None = None) -> Path | None:
        """The path of a file, None if it is missing."""
        file = AtlasFile(f"{kind}.json", kind, None) if layer is None else layer_file(layer, kind)
        return self.folder / file.name if self.has(file) else None

    def missing(self) -> list[AtlasFile]:
        """Files that are not there, in order."""
        return [file for file in possible_files(self.summary.n_layers) if not self.has(file)]

    def sae_id(self, layer: int) -> str:
        """Name of a layer's autoencoder in the tables. Raises ValueError for a layer that the atlas has not."""
        if layer not in self.summary.layers:
            raise ValueError(f"no layer {layer}: the atlas has layers 0 to {self.summary.n_layers - 1}")
        return f"L{layer:02d}-published{self.summary.n_features}"

    def describes(self, layer: int) -> bool:
        """Whether the layer has features. Raises ValueError for a layer that the atlas has not."""
        return bool(self.sae_id(layer)) and layer in self.layers

    def named_layer(self, kind: str, raw: dict[str, Any]) -> int | None:
        """The layer that a file of results on one layer is about: what it says, or what is known of the atlas."""
        layer = raw.get("layer", self.known.layer_of.get(kind) if self.known else None)
        return None if layer is None else int(layer)


def open_atlas(folder: Path, numbers: Path | None = None) -> Atlas:
    """The atlas in ``folder``; ``numbers`` is a folder of published numbers, by default the bundled ones.

    Raises RequestError if it is no atlas, has no layer with features, or files of layers that it says it has not.
    """
    summary = read_summary(folder)
    refuse_other_layers(folder, summary.n_layers)
    files = file_hashes(folder, summary.n_layers)
    atlas = Atlas(folder, summary, files, recognise(summary, numbers))
    if not atlas.layers:
        raise RequestError(f"{folder}: no layer_LL_features.json is there, so there are no features to import")
    return atlas
