"""How the order of tokens enters the blocks of a decoder: by whom a token sees, and by turns of queries and keys.

1. A position attends to itself and to those before it, never to later ones.
2. Rotary positions (Su et al. 2021, arXiv:2104.09864): with the halves a and b of a head's query or key at position p,
   and angles p f of the frequencies f,  a' = a cos(p f) - b sin(p f),  b' = b cos(p f) + a sin(p f).

Every step is row by row and number by number, so that a row comes out the same bits wherever it is computed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Order:
    """``cos`` and ``sin`` [L, w] of the angles of L positions, for heads of width w."""

    cos: Tensor
    sin: Tensor

    def turned(self, heads: Tensor, positions: Tensor) -> Tensor:
        """Queries or keys [..., n, w] turned by their ``positions`` int64 [n], in the precision they come in."""
        wide = torch.promote_types(heads.dtype, self.cos.dtype)
        cos, sin = (table[positions].to(wide) for table in (self.cos, self.sin))
        first, second = heads.chunk(2, -1)
        return (heads * cos + torch.cat([-second, first], -1) * sin).to(heads.dtype)


def unseen(positions: Tensor, n_keys: int) -> Tensor:
    """Which keys rows at ``positions`` int64 [n] do not see: bool [n, n_keys], True behind each."""
    return torch.arange(n_keys, device=positions.device) > positions[:, None]
