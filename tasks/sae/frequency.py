"""How often the features of an autoencoder fire."""

from collections.abc import Iterable

import torch
from torch import Tensor

from tasks.sae.sae import Sae

DENSE_FREQUENCY = 0.1  # a feature that fires at more than this share of the positions is dense


@torch.no_grad()
def count_fires(sae: Sae, chunks: Iterable[Tensor]) -> Tensor:
    """Positions at which each feature is active, int64 [F], over all chunks [n, d] of raw activations."""
    fires = torch.zeros(sae.n_features, dtype=torch.long, device=sae.W_dec.device)
    for x in chunks:
        fires += sae.encode(x).fire_counts(sae.n_features)
    return fires
