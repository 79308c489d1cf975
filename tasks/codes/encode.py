"""Encode activations to firings, and lay them down in the form in which they are kept.

A chunk of n positions with m firings becomes the rows of a sparse matrix [n, F] (CSR):

    starts   uint32 [n + 1]          the firings of position p are those from starts[p] to starts[p + 1]
    feature  uint16 or uint32 [m]    the narrower wherever the number of features allows it
    value    float32 [m]             above zero, as the autoencoder gave it

That is 6 bytes a firing and 4 a position with up to 65,536 features. Within a position the largest value comes first.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.sae.sae import Sae

NARROW_FEATURES = 1 << 16  # as many features as 16 bits can number
START_BYTES, VALUE_BYTES, COUNT_BYTES = 4, 4, 8


@torch.no_grad()
def encode_rows(sae: Sae, activations: Tensor) -> dict[str, NDArray[np.generic]]:
    """The firings at activations [n, d], by the names above."""
    codes = sae.encode(activations)
    active = codes.values > 0
    starts = np.zeros(len(activations) + 1, dtype=np.uint32)
    np.cumsum(active.sum(dim=1).cpu().numpy(), out=starts[1:])
    return {
        "starts": starts,
        "feature": codes.indices[active].cpu().numpy().astype(feature_type(sae.n_features)),
        "value": codes.values[active].float().cpu().numpy(),
    }


def feature_type(n_features: int) -> type[np.uint16] | type[np.uint32]:
    """The type that numbers of ``n_features`` features are kept in."""
    return np.uint16 if n_features <= NARROW_FEATURES else np.uint32


def bytes_of(n_positions: int, n_firings: float, n_features: int, n_chunks: int) -> float:
    """Bytes of the files that hold so many firings, headers left out."""
    firing = np.dtype(feature_type(n_features)).itemsize + VALUE_BYTES
    return n_positions * START_BYTES + n_firings * firing + n_chunks * n_features * COUNT_BYTES
