"""The firings of one layer: every position where a feature is above zero, encoded once and read as often as needed.

1. Activations come in chunks of positions; each chunk is encoded to k (feature, value) entries a position.
2. Entries that are not above zero are dropped; the rest goes to a scratch file, in position order.
3. Whoever needs the firings reads the scratch files back, one chunk at a time.

Memory is that of one chunk, whatever the number of positions; the disk holds 12 bytes a firing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.sae.sae import Sae
from tasks.store import Progress
from tasks.store.atomic import explain_full_disk


@dataclass(frozen=True)
class Firings:
    """m firings in position order: ``position`` int32 [m], ``feature`` int32 [m], ``value`` float32 [m] > 0."""

    position: NDArray[np.int32]
    feature: NDArray[np.int32]
    value: NDArray[np.float32]


@dataclass(frozen=True)
class FiringFiles:
    """Firings of a whole layer in scratch files; iterating reads them chunk by chunk."""

    paths: list[Path]

    def __iter__(self) -> Iterator[Firings]:
        """The firings of one chunk of positions after another."""
        for path in self.paths:
            with np.load(path) as arrays:
                yield Firings(arrays["position"], arrays["feature"], arrays["value"])


def encode_to_files(
    chunks: Iterable[tuple[slice, Tensor]], n_positions: int, sae: Sae, scratch: Path, device: str
) -> FiringFiles:
    """Encode ``chunks`` (positions, activations [n, d]) of ``n_positions`` in all into files of ``scratch``.

    Raises OutOfSpace if the disk fills up.
    """
    paths = []
    with Progress(f"encode layer {sae.layer}", n_positions, "position") as bar:
        for number, (positions, activations) in enumerate(chunks):
            firings = encode_chunk(sae, activations.to(device), positions.start)
            path = scratch / f"firings-{number:05d}.npz"
            with explain_full_disk(path):
                np.savez(path, position=firings.position, feature=firings.feature, value=firings.value)
            paths.append(path)
            bar.advance(len(activations))
    return FiringFiles(paths)


@torch.no_grad()
def encode_chunk(sae: Sae, activations: Tensor, first: int) -> Firings:
    """Firings at activations [n, d] of the positions ``first``, ``first + 1``, …"""
    codes = sae.encode(activations)
    active = codes.values > 0
    last = first + len(activations)
    position = torch.arange(first, last, dtype=torch.int32, device=active.device)[:, None].expand_as(active)
    return Firings(
        position=position[active].cpu().numpy(),
        feature=codes.indices[active].to(torch.int32).cpu().numpy(),
        value=codes.values[active].float().cpu().numpy(),
    )
