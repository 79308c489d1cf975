"""Effect sizes of one source feature on many targets.

1. Over the n cells where the source is active: m = mean effect, s = standard deviation (n - 1), zeros included.
2. d = m / max(s, 1e-10); d = 0 if n < 2, where no spread can be measured.
3. Hedges g = d (1 - 3 / (4 n - 5)), its small-sample bias removed (Hedges 1981); g = 0 if n < 3.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

SD_FLOOR = 1e-10


@dataclass(frozen=True)
class Moments:
    """Of T targets over n cells: mean, sd, d, g float64 [T]; n_pos, n_neg int64 [T] count cells by sign."""

    n: int
    mean: Tensor
    sd: Tensor
    d: Tensor
    g: Tensor
    n_pos: Tensor
    n_neg: Tensor


def hedges_factor(n: int) -> float:
    """1 - 3 / (4 n - 5): what makes g of d. It is 0 at n = 2; below that there is no d to correct."""
    return 1 - 3 / (4 * n - 5) if n > 1 else 0.0


def standardise(mean: Tensor, sd: Tensor) -> Tensor:
    """d = mean / max(sd, 1e-10)."""
    return mean / sd.clamp_min(SD_FLOOR)


def moments(effects: Tensor) -> Moments:
    """Statistics of effects [n, T], summed in float64."""
    x = effects.double()
    n = x.shape[0]
    mean = x.sum(0) / max(n, 1)
    sd = ((x - mean).square().sum(0) / max(n - 1, 1)).sqrt()
    d = standardise(mean, sd) if n > 1 else torch.zeros_like(mean)
    return Moments(n, mean, sd, d, d * hedges_factor(n), (x > 0).sum(0), (x < 0).sum(0))
