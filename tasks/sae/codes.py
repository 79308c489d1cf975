"""Sparse codes and the three products a sparse autoencoder needs of them.

A code matrix H [n, F] has m active entries, about k a row, k far below F. No product below touches more than m rows of
d numbers, where a dense product touches n*F:

1. ``combine``     H @ M          [n, F] @ [F, d]   decoder                    weighted sum of rows of M
2. ``project``     (X @ M^T) at H [n, d] @ [d, F]   gradient of the codes      an inner product an entry
3. ``accumulate``  H^T @ X        [F, n] @ [n, d]   gradients of both weights  entries sorted by feature, then as 1

All three are sums of weighted rows, the operation that torch's ``embedding_bag`` does in one pass without forming
the gathered [m, d] tensor.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag, pad


@dataclass(frozen=True)
class SparseCodes:
    """Active features of n positions.

    ``values`` [n, k], not negative; ``indices`` int64 [n, k], those of active entries distinct in a row. An entry
    whose value is 0 is not active: its index carries no meaning.
    """

    values: Tensor
    indices: Tensor

    @classmethod
    def of(cls, dense: Tensor) -> "SparseCodes":
        """The positive entries of ``dense`` [n, F]; k is the most that any row has, at least 1."""
        row, column = (dense > 0).nonzero(as_tuple=True)
        counts = torch.bincount(row, minlength=len(dense))
        place = torch.arange(len(row), device=dense.device) - (counts.cumsum(0) - counts)[row]
        shape = (len(dense), max(int(counts.max()), 1) if len(counts) else 1)
        values, indices = dense.new_zeros(shape), torch.zeros(shape, dtype=torch.long, device=dense.device)
        values[row, place], indices[row, place] = dense[row, column], column
        return cls(values, indices)

    def widened(self, width: int) -> "SparseCodes":
        """The same codes with inactive entries behind: [n, width]."""
        behind = (0, width - self.values.shape[1])
        return SparseCodes(pad(self.values, behind), pad(self.indices, behind))

    @cached_property
    def entries(self) -> "Entries":
        """The active entries alone."""
        active = self.values > 0
        starts = torch.cat([active.new_zeros(1, dtype=torch.long), active.sum(1).cumsum(0)])
        return Entries(self.values[active], self.indices[active], active.nonzero()[:, 0], starts)

    @property
    def n_active(self) -> Tensor:
        """Active features of every position: int64 [n]."""
        return (self.values > 0).sum(dim=1)

    def fire_counts(self, n_features: int) -> Tensor:
        """How many of the n positions every feature is active in: int64 [n_features]."""
        return torch.bincount(self.entries.features, minlength=n_features)


@dataclass(frozen=True)
class Entries:
    """The m active entries of a code matrix, position after position.

    ``values`` [m], positive; ``features`` and ``positions`` int64 [m]; ``starts`` int64 [n+1] is where each position
    begins.
    """

    values: Tensor
    features: Tensor
    positions: Tensor
    starts: Tensor


def combine(codes: SparseCodes, matrix: Tensor) -> Tensor:
    """H @ matrix: [n, F] @ [F, d] -> [n, d]."""
    entries = codes.entries
    return _sums(entries.features, entries.values, entries.starts, matrix)


def project(codes: SparseCodes, x: Tensor, matrix: Tensor) -> Tensor:
    """``x @ matrix.T`` at the m active entries of the codes: [n, d] @ [d, F] -> [m].

    It is the derivative of ``(combine(codes, matrix) * x).sum()`` by the values, which torch computes directly.
    """
    entries = codes.entries
    with torch.enable_grad():
        values = entries.values.detach().requires_grad_()
        combined = _sums(entries.features, values, entries.starts, matrix.detach())
    return torch.autograd.grad(combined, values, x)[0]


@dataclass(frozen=True)
class ByFeature:
    """The m active entries of a code matrix sorted by feature, positions ascending within one.

    ``order`` int64 [m] sorts them; ``positions`` int64 [m] are theirs in that order; ``starts`` int64 [F+1] is where
    each feature begins.
    """

    order: Tensor
    positions: Tensor
    starts: Tensor

    @classmethod
    def of(cls, codes: SparseCodes, n_features: int) -> "ByFeature":
        """Sort the entries once; every product with the same entries shares the result."""
        counts = codes.fire_counts(n_features)
        order = torch.argsort(codes.entries.features, stable=True)
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return cls(order, codes.entries.positions[order], starts)

    def total(self, values: Tensor) -> Tensor:
        """Sums over positions of a matrix with ``values`` [m] at these entries: [F]."""
        return torch.segment_reduce(values[self.order], "sum", offsets=self.starts, unsafe=True)

    def accumulate(self, values: Tensor, x: Tensor) -> Tensor:
        """H^T @ x of a matrix H with ``values`` [m] at these entries: [F, n] @ [n, d] -> [F, d]."""
        return _sums(self.positions, values[self.order], self.starts, x)


def _sums(rows: Tensor, weights: Tensor, starts: Tensor, matrix: Tensor) -> Tensor:
    """Sums of ``weights`` [m] times ``rows`` [m] of the matrix, over the stretches that begin at ``starts``."""
    return embedding_bag(rows, matrix, starts, per_sample_weights=weights, mode="sum", include_last_offset=True)
