"""Where the features of one cell are active, grouped by feature."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.sae import SparseCodes


@dataclass(frozen=True)
class Sites:
    """Active sites of a cell in compressed rows: feature ``features[i]`` has ``offsets[i]:offsets[i+1]`` of the rest.

    ``features`` int64 [A] ascending; ``offsets`` int64 [A+1]; ``positions`` int64 [N], ascending within a feature,
    index the token sequence; ``activations`` [N], all positive. On the CPU.
    """

    features: Tensor
    offsets: Tensor
    positions: Tensor
    activations: Tensor

    @classmethod
    def of(cls, codes: SparseCodes, positions: Tensor) -> "Sites":
        """Group the codes [n, k] of the tokens at ``positions`` int64 [n]. Active means an activation above zero."""
        values, indices = codes.values.cpu(), codes.indices.cpu()
        active = values > 0
        order = torch.argsort(indices[active], stable=True)
        features, counts = torch.unique_consecutive(indices[active][order], return_counts=True)
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        places = positions.cpu()[:, None].expand_as(indices)[active][order]
        return cls(features, offsets, places, values[active][order])

    def among(self, wanted: Tensor) -> Tensor:
        """Rows of ``features`` that are among ``wanted``: int64, ascending."""
        return torch.isin(self.features, wanted).nonzero().flatten()

    def at(self, row: int) -> tuple[Tensor, Tensor]:
        """Positions and activations of feature ``features[row]``."""
        span = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        return self.positions[span], self.activations[span]
