"""What is done to a cell: vectors added to the source layer's output at some positions."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Displacement:
    """Vectors ``values`` [P, d] added to the source output at ``positions`` int64 [P], P >= 1, distinct."""

    positions: Tensor
    values: Tensor


def scale_feature(positions: Tensor, activations: Tensor, direction: Tensor, multiplier: float) -> Displacement:
    """Multiply a feature by ``multiplier``: (multiplier - 1) a_p times its direction [d] at its active positions [P].

    0 takes it out. The form is closed: the reconstruction's other terms, its bias and its error cancel.
    """
    return Displacement(positions, (multiplier - 1) * activations[:, None].to(direction) * direction)


@dataclass(frozen=True)
class Rows:
    """Several displacements of one cell as one list of R rows, displacement after displacement.

    ``item`` int64 [R] ascending says which displacement a row belongs to, ``counts`` int64 [b], on the CPU, how many
    rows each of the b has; ``positions`` int64 [R]; ``values`` [R, d].
    """

    item: Tensor
    counts: Tensor
    positions: Tensor
    values: Tensor

    @classmethod
    def of(cls, displacements: list[Displacement], like: Tensor) -> "Rows":
        """Concatenate displacements, on the device and in the precision of a state [S, d]."""
        counts = torch.tensor([len(one.positions) for one in displacements], dtype=torch.int64)
        item = torch.repeat_interleave(torch.arange(len(displacements)), counts)
        positions = torch.cat([counts[:0], *(one.positions for one in displacements)])
        values = torch.cat([like[:0], *(one.values.to(like) for one in displacements)])
        return cls(item.to(like.device), counts, positions.to(like.device), values)
