"""Read a finished ``activations`` step folder: states by layer, and which cell and gene every row is.

Rows of all layers are in one order: cells ascending by ``cell_id``, genes of a cell ascending by position.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_tensors
from torch import Tensor

from tasks.store import RequestError, StepFolder

HIDDEN = "hidden"


@dataclass(frozen=True)
class ActivationIndex:
    """Which cell and gene every row is: arrays of N rows."""

    cell_id: NDArray[np.uint32]
    position: NDArray[np.uint16]  # index in the cell's token sequence, special tokens counted
    token: NDArray[np.int32]


def chunk_name(chunk: int) -> str:
    """The unit that holds the ``chunk``-th group of cells."""
    return f"cells-{chunk:05d}"


def hidden_file(layer: int, unit: str) -> str:
    """Where a unit keeps the states of one layer, relative to the step folder."""
    return f"layer_{layer:02d}/{unit}.safetensors"


def index_file(unit: str) -> str:
    """Where a unit keeps its part of the index, relative to the step folder."""
    return f"index/{unit}.safetensors"


class ActivationReader:
    """States of the gene positions of all chosen cells, float16 on disk."""

    def __init__(self, folder: Path) -> None:
        self._step = StepFolder.open(folder)
        self._units = sorted(self._step.lines)
        info = self._step.info
        self.layers: list[int] = info["layers"]
        self.d_model: int = info["d_model"]
        self.n_positions: int = info["n_positions"]

    def index(self) -> ActivationIndex:
        """Cell, position and token of every row."""
        parts = [load_file(self._step.file(index_file(unit))) for unit in self._units]
        cell_id, position, token = (np.concatenate([p[key] for p in parts]) for key in ("cell_id", "position", "token"))
        return ActivationIndex(cell_id, position, token)

    def spans(self) -> dict[str, slice]:
        """The rows that each unit holds, in order."""
        found, first = {}, 0
        for unit in self._units:
            last = first + len(load_file(self._step.file(index_file(unit)))["token"])
            found[unit], first = slice(first, last), last
        return found

    def file(self, layer: int, unit: str) -> Path:
        """The file of one layer in one unit, tensor ``HIDDEN``. Raises RequestError for a layer not kept."""
        if layer not in self.layers:
            raise RequestError(f"{self._step.path} holds layers {self.layers}, not {layer}: extract that layer first")
        return self._step.file(hidden_file(layer, unit))

    def states(self, layer: int, unit: str) -> Tensor:
        """States of one layer in one unit: float16 [n, d]. Raises RequestError for a layer not kept."""
        return load_tensors(self.file(layer, unit))[HIDDEN]

    def load(self, layer: int) -> Tensor:
        """All states of one layer: float16 [N, d], in memory once. Raises RequestError for a layer not kept."""
        states, first = torch.empty(self.n_positions, self.d_model, dtype=torch.float16), 0
        for unit in self._units:
            part = self.states(layer, unit)
            states[first : first + len(part)] = part
            first += len(part)
        return states
