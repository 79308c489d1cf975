"""LISI: how many labels, or batches, a cell's neighbourhood effectively holds (Korsunsky et al. 2019).

1. Neighbours weigh exp(-beta d), the cell itself 0, and beta is such that the entropy of the weights is
   log(perplexity), perplexity a third of the neighbours, rounded down.
2. LISI = 1 / sum over labels of (their share of the weights)^2.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.integration.neighbours import Neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
N_TRIES, TOLERANCE = 50, 1e-5


def lisi(near: Neighbours, group: Ints) -> Floats:
    """LISI of every cell [n]; ``group`` [n] from 0."""
    weights = neighbour_weights(near)
    shares = np.zeros((len(group), int(group.max()) + 1))
    for column in range(near.index.shape[1]):
        shares[np.arange(len(group)), group[near.index[:, column]]] += weights[:, column]
    return np.asarray(1 / np.square(shares).sum(axis=1))


def neighbour_weights(near: Neighbours) -> Floats:
    """Weights of step 1, which add up to 1: [n, k]."""
    n, k = near.index.shape
    target = np.log(k // 3)
    own = near.index == np.arange(n)[:, None]
    beta, low, high = np.ones(n), np.full(n, -np.inf), np.full(n, np.inf)
    weights, entropy = _weights(near.distance, own, beta)
    for _ in range(N_TRIES):
        going = np.abs(entropy - target) >= TOLERANCE
        if not going.any():
            break
        flat, sharp = going & (entropy > target), going & (entropy <= target)
        low, high = np.where(flat, beta, low), np.where(sharp, beta, high)
        up = np.where(np.isinf(high), beta * 2, (beta + high) / 2)
        down = np.where(np.isinf(low), beta / 2, (beta + low) / 2)
        beta = np.where(flat, up, np.where(sharp, down, beta))
        weights, entropy = _weights(near.distance, own, beta)
    return weights


def _weights(distance: Floats, own: NDArray[np.bool_], beta: Floats) -> tuple[Floats, Floats]:
    """Weights [n, k] and their entropy [n]; the nearest other cell sets the scale, so that none becomes 0 / 0."""
    nearest = np.where(own, np.inf, distance).min(axis=1, keepdims=True)
    above = np.where(own, 0.0, distance - nearest)
    raw = np.where(own, 0.0, np.exp(-above * beta[:, None]))
    total = raw.sum(axis=1)
    entropy = np.log(total) + beta * (above * raw).sum(axis=1) / total
    return raw / total[:, None], entropy
