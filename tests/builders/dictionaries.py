"""Dictionaries with directions in common, known ones."""

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.tracking.dictionary import Dictionary

N, D, SHARED, FLIPPED = 400, 64, 120, 12  # 30 % of the directions are shared, 10 % of these turned round
ANGLE = np.deg2rad(25)
Floats = NDArray[np.float64]


def dictionary(unit: Floats, layer: int = 0, features: NDArray[np.int64] | None = None) -> Dictionary:
    numbers = np.arange(len(unit)) if features is None else features
    return Dictionary(f"L{layer:02d}", layer, numbers, unit.astype(np.float32))


def normalised(rows: Floats) -> Floats:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def uneven(n: int, rng: np.random.Generator, d: int = D) -> Floats:
    """Unit directions whose covariance is far from even, with a common mean."""
    rows = rng.standard_normal((n, d)) * np.exp(-np.arange(d) / 24) + 0.1
    return normalised(rows)


def rotated(rows: Floats, rng: np.random.Generator, angle: float = ANGLE) -> Floats:
    """Each row turned by ``angle`` towards a direction at right angles to it."""
    away = rng.standard_normal(rows.shape)
    away -= (away * rows).sum(1, keepdims=True) * rows
    return np.cos(angle) * rows + np.sin(angle) * normalised(away)


def two_layers(seed: int) -> tuple[Dictionary, Dictionary, dict[int, int], set[int]]:
    """Two dictionaries, which feature of the second each shared feature of the first is, and those turned round."""
    rng = np.random.default_rng(seed)
    one, other = uneven(N, rng), uneven(N, rng)
    mine, theirs = rng.permutation(N)[:SHARED], rng.permutation(N)[:SHARED]
    other[theirs] = rotated(one[mine], rng)
    other[theirs[:FLIPPED]] *= -1
    truth = dict(zip(mine.tolist(), theirs.tolist(), strict=True))
    return dictionary(one), dictionary(other, 1), truth, set(mine[:FLIPPED].tolist())
