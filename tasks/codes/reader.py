"""Read a finished ``codes`` step folder: the firings of one layer, a chunk of positions at a time.

Positions are numbered from 0 as in the activations, alike for all layers: firings of two layers at one number belong
to one gene of one cell. Which, the activations' index says (``ActivationReader.index``, ``axes.make_axes``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from tasks.store import StepFolder

FIRES = "fires"


@dataclass(frozen=True)
class Firings:
    """m firings in position order: ``position`` int64 [m], ``feature`` int32 [m], ``value`` float32 [m] > 0."""

    position: NDArray[np.int64]
    feature: NDArray[np.int32]
    value: NDArray[np.float32]


def firings_file(unit: str) -> str:
    """Where a unit keeps its firings, relative to the step folder."""
    return f"firings/{unit}.safetensors"


def fires_file(unit: str) -> str:
    """Where a unit keeps how often each feature fires in it, relative to the step folder."""
    return f"fires/{unit}.safetensors"


class CodesReader:
    """The firings of one layer's autoencoder; iterating reads them chunk by chunk, as often as needed.

    Memory is that of one chunk: 16 bytes a firing.
    """

    def __init__(self, folder: Path) -> None:
        self._step = StepFolder.open(folder)
        self._units = sorted(self._step.lines)
        info = self._step.info
        self.sae_id: str = info["sae_id"]
        self.layer: int = info["layer"]
        self.n_features: int = info["n_features"]
        self.n_positions: int = info["n_positions"]

    def __iter__(self) -> Iterator[Firings]:
        """The firings of one chunk of positions after another."""
        first = 0
        for unit in self._units:
            arrays = load_file(self._step.file(firings_file(unit)))
            starts = arrays["starts"].astype(np.int64)
            counts = starts[1:] - starts[:-1]
            position = np.repeat(np.arange(first, first + counts.size), counts)
            yield Firings(position, arrays["feature"].astype(np.int32), arrays["value"])
            first += counts.size

    def fire_counts(self) -> NDArray[np.int64]:
        """Positions at which each feature fires: [F]."""
        total = np.zeros(self.n_features, dtype=np.int64)
        for unit in self._units:
            total += load_file(self._step.file(fires_file(unit)))[FIRES]
        return total

    def frequencies(self) -> NDArray[np.float64]:
        """Share of the positions at which each feature fires: [F]."""
        return self.fire_counts() / self.n_positions
