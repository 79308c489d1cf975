"""Principal axes of training positions, and what they rebuild of held-out ones.

1. C = X^T X / N - mu mu^T over the training rows, in float64 and block by block; X is shifted by the mean of its first
   block, which changes C by nothing and keeps digits where means are large.
2. V: eigenvectors of C, the largest eigenvalue first.
3. A held-out x is rebuilt from r axes as mu + V_r V_r^T (x - mu), with mu of the training rows, as an autoencoder would
   have to. Explained variance is 1 - sum ||x - x_hat||^2 / sum ||x - mean of the held-out x||^2, as in ``sae.fvu``.
4. In an orthonormal basis, the best k terms of a position are its k largest squared coordinates. They rebuild as much
   as k numbers a position can in this basis: the counterpart of k active features.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.store import RequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """``mean`` [d] and variances [d], descending, of the training rows along ``directions`` [d, d], one a column."""

    mean: Floats
    variance: Floats
    directions: Floats
    n_positions: int


@dataclass(frozen=True)
class Explained:
    """Shares of the held-out variance: ``by_axis`` [d] of each axis, ``offset`` lost to the means' difference.

    ``best_axes`` and ``best_neurons``: rebuilt by the best k principal axes, or neurons, of each position.
    """

    by_axis: Floats
    offset: float
    best_axes: float
    best_neurons: float

    def by_rank(self) -> Floats:
        """Explained variance with the first 1, 2, …, d axes: [d]."""
        found: Floats = np.cumsum(self.by_axis) - self.offset
        return found


def principal_axes(blocks: Iterable[Floats], width: int) -> Axes:
    """Steps 1 and 2, of blocks [n, d]; d is ``width``."""
    n, shift, total, gram = 0, np.zeros(width), np.zeros(width), np.zeros((width, width))
    for x in blocks:
        shift = shift if n else x.mean(axis=0)
        centred = x - shift
        total += centred.sum(axis=0)
        gram += centred.T @ centred
        n += len(x)
    variance, directions = np.linalg.eigh((gram - np.outer(total, total) / n) / n)
    return Axes(shift + total / n, np.clip(variance[::-1], 0.0, None), directions[:, ::-1], n)


def explained_variance(axes: Axes, blocks: Iterable[Floats], k: int) -> Explained:
    """Steps 3 and 4, of held-out blocks [n, d]. Raises RequestError if their rows are all alike."""
    n, total, energy, terms = 0, np.zeros_like(axes.mean), np.zeros_like(axes.mean), np.zeros(2)
    for x in blocks:
        centred = x - axes.mean
        coordinates = np.square(centred @ axes.directions)
        energy += coordinates.sum(axis=0)
        terms += best_terms(coordinates, k), best_terms(np.square(centred), k)
        total += centred.sum(axis=0)
        n += len(x)
    offset = float(np.square(total / n).sum()) * n
    variance = float(energy.sum()) - offset
    if not variance > 0:
        raise RequestError("activations of held-out cells do not vary: choose other cells, or another layer")
    best_axes, best_neurons = (terms - offset) / variance
    return Explained(energy / variance, offset / variance, float(best_axes), float(best_neurons))


def best_terms(squares: Floats, k: int) -> float:
    """Sum over rows of the k largest entries of each: [n, d]."""
    width = squares.shape[1]
    if k < width:
        squares = np.partition(squares, width - k, axis=1)[:, width - k :]
    return float(squares.sum())
