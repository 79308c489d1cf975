"""Other bases of a layer in the form of an autoencoder, so that they are encoded and described as features are.

1. Neurons and principal axes: z = (x - mean) / standard deviation of every coordinate over training rows. A feature is
   one sign of one coordinate (2 d of them), and at each position the k coordinates of largest |z| fire, with |z|. An
   encoder (D, -D) / deviation does exactly this, since of z and -z at most one is positive.
2. A coordinate whose variance is below FLAT of the largest does not fire: what varies there is rounding.
3. The untrained autoencoder is one where training starts, with as many features and active features.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.subspace.axes import Axes
from tasks.analyses.subspace.shares import DECIMALS
from tasks.codes.reader import Firings
from tasks.sae.sae import Sae
from tasks.sae.untrained import initial_weights

Floats = NDArray[np.float64]
FLAT = 1e-6
CHUNK_ROWS = 65_536


def neurons(axes: Axes, like: Sae, k: int) -> Sae:
    """The coordinates of the layer itself; their variances follow from the axes of the same rows."""
    variance = np.square(axes.directions) @ axes.variance
    return signed_coordinates(np.eye(variance.size), variance, axes.mean, like, k)


def principal(axes: Axes, like: Sae, k: int) -> Sae:
    """The principal axes, rounded: their last digits depend on the number of threads."""
    return signed_coordinates(axes.directions.round(DECIMALS), axes.variance, axes.mean, like, k)


def signed_coordinates(directions: Floats, variance: Floats, mean: Floats, like: Sae, k: int) -> Sae:
    """Steps 1 and 2: columns of ``directions`` [d, m] with their variances [m], for rows with ``mean`` [d]."""
    scale = np.zeros_like(variance)
    varies = variance > FLAT * variance.max()
    scale[varies] = 1 / np.sqrt(variance[varies])
    encoder = directions * scale
    decoder = (directions * np.sqrt(variance)).T
    tensors = {
        "W_enc": np.concatenate([encoder, -encoder], axis=1),
        "b_enc": np.zeros(2 * variance.size),
        "W_dec": np.concatenate([decoder, -decoder]),
        "b_dec": mean,
    }
    device = like.W_dec.device
    return like.with_tensors({name: torch.from_numpy(t).float().to(device) for name, t in tensors.items()}, k)


def untrained(like: Sae, mean: Tensor, k: int, seed: int) -> Sae:
    """Step 3, for rows with ``mean`` [d]."""
    return like.with_tensors(initial_weights(like.n_features, mean, torch.Generator().manual_seed(seed)), k)


@torch.no_grad()
def encoded(sae: Sae, hidden: Tensor) -> Iterator[Firings]:
    """Firings at states [n, d], numbered from 0, a chunk of positions at a time."""
    for first in range(0, len(hidden), CHUNK_ROWS):
        codes = sae.encode(hidden[first : first + CHUNK_ROWS].float())
        entries = codes.entries
        yield Firings(
            entries.positions.cpu().numpy() + first,
            entries.features.cpu().numpy().astype(np.int32),
            entries.values.float().cpu().numpy(),
        )


def chosen_firings(firings: Iterator[Firings], rows: NDArray[np.int64]) -> Iterator[Firings]:
    """Of kept firings those at ``rows``, which ascend, numbered anew."""
    for chunk in firings:
        place = np.searchsorted(rows, chunk.position)
        kept = rows[np.minimum(place, rows.size - 1)] == chunk.position
        if kept.any():
            yield Firings(place[kept], chunk.feature[kept], chunk.value[kept])
