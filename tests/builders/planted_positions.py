"""Activations made of a known dictionary, for trainers to find again."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae.positions import Positions


def planted_positions(
    *, d_model=32, n_features=64, active=3, n_train=20_000, n_heldout=2_000, noise=0.01, seed=0
) -> tuple[Positions, Tensor]:
    """Sparse non-negative sums of unit directions about a mean, with noise of this SD; and the directions [F, d]."""
    generator = torch.Generator().manual_seed(seed)
    rows = n_train + n_heldout
    directions = normalize(torch.randn(n_features, d_model, generator=generator), dim=1)
    chosen = torch.rand(rows, n_features, generator=generator).topk(active, dim=1).indices
    weights = torch.zeros(rows, n_features).scatter_(1, chosen, 0.5 + torch.rand(rows, active, generator=generator))
    blurred = weights @ directions + noise * torch.randn(rows, d_model, generator=generator)
    hidden = blurred + torch.randn(d_model, generator=generator)
    return Positions(hidden.half(), torch.arange(n_train), torch.arange(n_train, rows)), directions
