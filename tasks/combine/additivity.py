"""Do the effects of a set's members add up, over all targets of a layer at once?

1. I_cj is the interaction of the whole set on target j in cell c (``interactions``), of raw effects. What remains of it
   in the mean over cells is T = sum_j mean_c(I_cj)^2.
2. Where effects add up, the interactions of a cell are as likely I as -I: signs are flipped for whole cells, all
   targets of a cell together, so that targets that move together count once.
3. ``energy`` is T over the same sum of squares of what the single effects add up to, ``energy_null`` its mean over
   flips: noise of the cells alone leaves as much.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tasks.statistics.flips import TIE, permutation_p, sign_flips

ROWS = 256  # flips at once


@dataclass(frozen=True)
class Additivity:
    """``energy`` and its ``energy_null``, None where single effects are zero, and the p of step 2."""

    energy: float | None
    energy_null: float | None
    p: float


def additivity(interactions: Tensor, singles: Tensor, n_flips: int, seed: list[int]) -> Additivity:
    """Of a set's ``interactions`` [n cells, F] and the sums of its single effects [n cells, F]."""
    each, n = interactions.double(), len(interactions)
    flips = sign_flips(n, n_flips, seed)
    drawn = torch.cat([(signs @ each).square().sum(1) for signs in torch.split(flips.signs, ROWS)]) / n**2
    observed = each.mean(0).square().sum()
    exceed = (drawn >= observed * (1 - TIE)).sum()
    p = permutation_p(exceed, torch.tensor(len(drawn)), torch.tensor(flips.exact))
    total = float(singles.double().mean(0).square().sum())
    if not total:
        return Additivity(None, None, float(p))
    return Additivity(float(observed) / total, float(np.mean(drawn.numpy())) / total, float(p))
