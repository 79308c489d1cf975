"""Sparse codes and the three products a sparse autoencoder needs of them.

A code matrix H [n, F] has at most k non-zero entries a row, k far below F. With the entries kept as ``values`` and
``indices`` [n, k], no product below touches more than n*k rows of d numbers, where a dense product touches n*F:

1. ``combine``     H @ M          [n, F] @ [F, d]   decoder                    weighted sum of k rows of M
2. ``project``     (X @ M^T) at H [n, d] @ [d, F]   gradient of the codes      k inner products a position
3. ``accumulate``  H^T @ X        [F, n] @ [n, d]   gradients of both weights  entries sorted by feature, then as 1

All three are sums of weighted rows, the operation that torch's ``embedding_bag`` does in one pass without forming
the gathered [n, k, d] tensor.
"""

from dataclasses import dataclass

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

    @property
    def n_active(self) -> Tensor:
        """Active features of every position: int64 [n]."""
        return (self.values > 0).sum(dim=1)

    def fire_counts(self, n_features: int) -> Tensor:
        """How many of the n positions every feature is active in: int64 [n_features]."""
        return torch.bincount(self.indices[self.values > 0], minlength=n_features)


def combine(codes: SparseCodes, matrix: Tensor) -> Tensor:
    """H @ matrix: [n, F] @ [F, d] -> [n, d]."""
    return embedding_bag(codes.indices, matrix, per_sample_weights=codes.values, mode="sum")


def project(codes: SparseCodes, x: Tensor, matrix: Tensor) -> Tensor:
    """Entries of ``x @ matrix.T`` where the codes have theirs: [n, d] @ [d, F] -> [n, k].

    It is the derivative of ``(combine(codes, matrix) * x).sum()`` by the values, which torch computes directly.
    """
    with torch.enable_grad():
        values = codes.values.detach().requires_grad_()
        combined = combine(SparseCodes(values, codes.indices), matrix.detach())
    return torch.autograd.grad(combined, values, x)[0]


@dataclass(frozen=True)
class ByFeature:
    """Entries of a code matrix sorted by feature, positions ascending within one.

    ``order`` int64 [n*k] sorts the flattened entries; ``starts`` int64 [F+1] is where each feature begins.
    """

    order: Tensor
    starts: Tensor
    k: int

    @classmethod
    def of(cls, codes: SparseCodes, n_features: int) -> "ByFeature":
        """Sort the entries once; every product with the same indices shares the result."""
        features = codes.indices.flatten()
        counts = torch.bincount(features, minlength=n_features)
        starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return cls(torch.argsort(features, stable=True), starts, codes.indices.shape[1])

    def total(self, values: Tensor) -> Tensor:
        """Sums over positions of H with entries ``values`` [n, k] at these places: [F]."""
        return torch.segment_reduce(values.flatten()[self.order], "sum", offsets=self.starts, unsafe=True)

    def accumulate(self, values: Tensor, x: Tensor) -> Tensor:
        """H^T @ x for H with entries ``values`` [n, k] at these places: [F, n] @ [n, d] -> [F, d]."""
        return embedding_bag(
            self.order // self.k,
            x,
            self.starts,
            per_sample_weights=values.flatten()[self.order],
            mode="sum",
            include_last_offset=True,
        )
