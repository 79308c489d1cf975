"""Read the embeddings of a finished ``shift`` folder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from tasks.store import StepFolder

SETTINGS_FILE = "embeddings"


@dataclass(frozen=True)
class Embeddings:
    """``values`` float32 [n, c, e] of the cells ``cell_id`` [n], ascending, under the settings named ``names`` [c]."""

    cell_id: NDArray[np.uint32]
    names: list[str]
    values: NDArray[np.float32]

    def of(self, name: str) -> NDArray[np.float64]:
        """Embeddings [n, e] under one setting."""
        return self.values[:, self.names.index(name)].astype(np.float64)


def embeddings_file(unit: str) -> str:
    """Where a unit keeps its embeddings, relative to the step folder."""
    return f"{SETTINGS_FILE}/{unit}.safetensors"


def read_embeddings(folder: StepFolder) -> Embeddings:
    """All embeddings of a folder, whose last units may still be missing."""
    settings = folder.read_table("shift_setting").sort("place")
    units = [unit for unit in sorted(folder.lines) if unit.startswith("cells-")]
    parts = [load_file(folder.file(embeddings_file(unit))) for unit in units]
    cell_id = np.concatenate([part["cell_id"] for part in parts])
    values = np.concatenate([part["embedding"] for part in parts])
    order = np.argsort(cell_id)
    return Embeddings(cell_id[order], settings["setting"].to_list(), values[order])


def open_embeddings(path: Path) -> Embeddings:
    """Those of a finished folder."""
    return read_embeddings(StepFolder.open(path))
