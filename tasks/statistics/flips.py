"""Sign-flip permutation tests of one source feature against all its targets at once.

Under the null a cell's effect is as likely +x as -x, so |d| is compared with |d| after random sign flips.

1. One sign matrix S [B, n] serves all targets of a feature: the sums after flipping are S @ X, X the effects [n, T].
2. A flip leaves q = sum of x^2 as it is, and d = m / sqrt((q - n m^2) / (n - 1)) grows strictly with |m| at fixed q
   (also where the deviation meets its floor), so |d_b| >= |d| exactly when |sum_b| >= |sum|: only sums are compared.
3. Sums that are equal in exact arithmetic may round apart. A flip counts unless it is smaller by more than a
   billionth of sum |x|: far above float64 rounding, far below any difference of effects.
4. All 2^n flips are enumerated if n_flips suffices for the half whose first sign is + (the other half has the same
   |sum|); the identity is among them, so p = exceed / B. Otherwise B flips are drawn and p = (1 + exceed) / (1 + B).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.statistics.signs import draw_signs, enumerate_signs

TIE = 1e-9  # relative to sum |x|
ROWS = 250  # flips compared at once: their counts fit one byte
TILE = 1024  # targets at once: what is made of them stays in cache, and in memory that is used again


@dataclass(frozen=True)
class SignFlips:
    """Signs +1 and -1 float64 [B, n]; ``exact`` if they stand for all 2^n flips."""

    signs: Tensor
    exact: bool


def sign_flips(n: int, n_flips: int, seed: list[int]) -> SignFlips:
    """The flips of a feature active in n cells: all of them if that takes no more than ``n_flips``."""
    exact = n <= 1 or 2 ** (n - 1) <= n_flips
    signs = enumerate_signs(n) if exact else draw_signs(n, n_flips, seed)
    return SignFlips(torch.from_numpy(signs), exact)


def count_exceedances(effects: Tensor, flips: SignFlips) -> Tensor:
    """How many flips give a |d| at least as large as observed: effects [n, T] -> int64 [T]."""
    chunks = torch.split(flips.signs.to(effects.device), ROWS)
    return torch.cat([_exceedances(tile.double(), chunks) for tile in torch.split(effects, TILE, dim=1)])


def _exceedances(x: Tensor, chunks: Sequence[Tensor]) -> Tensor:
    bound = x.sum(0).abs() - TIE * x.abs().sum(0)
    exceed = torch.zeros(x.shape[1], dtype=torch.int64, device=x.device)
    for signs in chunks:
        reached = (signs @ x).abs_() >= bound
        exceed += reached.view(torch.uint8).sum(0, dtype=torch.uint8)  # one byte is ten times faster than int64
    return exceed


def permutation_p(exceed: Tensor, n_perm: Tensor, exact: Tensor) -> Tensor:
    """Permutation p of exceedance counts, all [T]: float64, never 0. The identity is among enumerated flips."""
    drawn = (~exact).double()
    return (exceed + drawn) / (n_perm + drawn)
