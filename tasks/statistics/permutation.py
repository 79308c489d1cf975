"""Permutation p of one source feature's targets, as fine as each of them needs.

1. All targets meet the same ``n_flips`` sign flips. Most are no rarer than chance, and a coarse p says so.
2. Those that fewer than ``RARE`` flips reach are tested anew on ``fine_flips`` others (on all flips, if as many cover
   them): among millions of tests, a p of 1 / 1,000 cannot tell an edge from the thousands that chance puts there.

A p stays valid: no level a is met with a higher probability than a under the null. Below the smallest p that step 1
gives for good, (1 + RARE) / (1 + n_flips), only step 2 can meet a, which would do so with probability a at most by
itself; from there on, whatever meets a in step 2 had met it in step 1 (after Besag & Clifford 1991).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.statistics.flips import SignFlips, count_exceedances, permutation_p, sign_flips
from tasks.statistics.signs import draw_signs

RARE = 10
CHUNK = 1000  # flips drawn at once


@dataclass(frozen=True)
class Permutation:
    """Of T targets: ``exceed`` int64 of ``n_perm`` int64 flips reach the effect, ``exact`` bool if these are all."""

    exceed: Tensor
    n_perm: Tensor
    exact: Tensor

    @property
    def p(self) -> Tensor:
        """float64 [T]."""
        return permutation_p(self.exceed, self.n_perm, self.exact)


def permute(effects: Tensor, n_flips: int, fine_flips: int, seed: list[int]) -> Permutation:
    """Steps 1 and 2 for effects [n, T]."""
    coarse = _count(effects, iter([sign_flips(len(effects), n_flips, seed)]))
    rare = (coarse.exceed < RARE) & ~coarse.exact
    if not rare.any():
        return coarse
    fine = _count(effects[:, rare], _fine_flips(len(effects), fine_flips, [*seed, 1]))
    for name in ("exceed", "n_perm", "exact"):
        getattr(coarse, name)[rare] = getattr(fine, name)
    return coarse


def _fine_flips(n: int, n_flips: int, seed: list[int]) -> Iterator[SignFlips]:
    if 2 ** (n - 1) <= n_flips:
        yield sign_flips(n, n_flips, seed)
        return
    for chunk, first in enumerate(range(0, n_flips, CHUNK)):
        signs = draw_signs(n, min(CHUNK, n_flips - first), [*seed, chunk])
        yield SignFlips(torch.from_numpy(signs), exact=False)


def _count(effects: Tensor, parts: Iterator[SignFlips]) -> Permutation:
    """Exceedances over flips that come in parts, exact in one part or not at all."""
    exceed = torch.zeros(effects.shape[1], dtype=torch.int64, device=effects.device)
    n_perm, exact = 0, False
    for flips in parts:
        exceed += count_exceedances(effects, flips)
        n_perm, exact = n_perm + len(flips.signs), flips.exact
    return Permutation(exceed, torch.full_like(exceed, n_perm), torch.full_like(exceed, exact, dtype=torch.bool))
