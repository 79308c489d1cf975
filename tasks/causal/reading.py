"""At which gene positions of a cell effects are read: where a feature was displaced, where it is silent, or at all."""

from typing import Literal

import torch
from torch import Tensor

Reading = Literal["active", "silent", "all"]


def positions_read(reading: Reading, genes: Tensor, displaced: Tensor) -> Tensor:
    """Positions int64, ascending, of ``genes``, all gene positions of the cell; ``displaced`` are among them."""
    if reading == "active":
        return displaced
    return genes if reading == "all" else genes[~torch.isin(genes, displaced)]
