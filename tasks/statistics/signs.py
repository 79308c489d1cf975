"""Vectors of signs: all of them, or as many as asked for."""

import numpy as np
from numpy.typing import NDArray


def enumerate_signs(n: int) -> NDArray[np.float64]:
    """All sign vectors of n cells whose first sign is +, the identity first: [2^(n-1), n]."""
    free = max(n - 1, 0)
    minus = (np.arange(2**free)[:, None] >> np.arange(free)) & 1
    return np.hstack([np.ones((2**free, n - free)), np.where(minus, -1.0, 1.0)])


def draw_signs(n: int, n_flips: int, seed: list[int]) -> NDArray[np.float64]:
    """Independent fair signs [n_flips, n]."""
    return np.where(np.random.default_rng(seed).integers(0, 2, (n_flips, n)), 1.0, -1.0)
