"""What is done to a cell: vectors added to the source layer's output at some positions."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Displacement:
    """Vectors ``values`` [P, d] added to the source output at ``positions`` int64 [P], P >= 1, distinct."""

    positions: Tensor
    values: Tensor


def move_feature(positions: Tensor, change: Tensor, direction: Tensor) -> Displacement:
    """Change a feature's activations by ``change`` [P]: as much of its direction [d] is added at positions [P].

    The form is closed: the reconstruction's other terms, its bias and its error cancel. A change of 0 adds exactly 0.
    """
    return Displacement(positions, change[:, None].to(direction) * direction)


def scale_feature(positions: Tensor, activations: Tensor, direction: Tensor, multiplier: float) -> Displacement:
    """Multiply a feature by ``multiplier`` at its active positions [P]; 0 takes it out."""
    return move_feature(positions, (multiplier - 1) * activations.to(direction), direction)


@dataclass(frozen=True)
class Places:
    """Positions that belong to several displacements of one cell, as one list of R, displacement after displacement.

    ``item`` int64 [R] ascending says which displacement a position belongs to, ``counts`` int64 [b], on the CPU, how
    many each of the b has; ``positions`` int64 [R].
    """

    item: Tensor
    counts: Tensor
    positions: Tensor

    @classmethod
    def at(cls, positions: list[Tensor], device: torch.device) -> "Places":
        """Concatenate the positions of every displacement."""
        counts = torch.tensor([len(one) for one in positions], dtype=torch.int64)
        item = torch.repeat_interleave(torch.arange(len(positions)), counts)
        return cls(item.to(device), counts, torch.cat([counts[:0], *positions]).to(device))


@dataclass(frozen=True)
class Rows(Places):
    """Where displacements are, and ``values`` [R, d], what they add there."""

    values: Tensor

    @classmethod
    def of(cls, displacements: list[Displacement], like: Tensor) -> "Rows":
        """Concatenate displacements, on the device and in the precision of a state [S, d]."""
        places = Places.at([one.positions for one in displacements], like.device)
        values = torch.cat([like[:0], *(one.values.to(like) for one in displacements)])
        return cls(places.item, places.counts, places.positions, values)
