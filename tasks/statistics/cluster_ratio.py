"""An interval for a ratio of sums over clusters: a share among units that are not independent, or a mean over clusters.

1. theta = sum h / sum n over G clusters; se = sqrt(G / (G - 1) sum (h - theta n)^2) / sum n (Cochran 1977, 6.3).
2. Bootstrap-t (Efron & Tibshirani 1993, section 12.5): clusters are drawn with replacement, and each draw gives
   t = (theta* - theta) / se*. The interval is theta less the outer quantiles of t times se: what a normal law would
   give if clusters were many and of one size, and wider on the long side where few of them hold most.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AT_ONCE = 1 << 22  # weights in memory


def ratio_interval(
    hits: Floats, n: Floats, n_draws: int, seed: list[int], confidence: float = 0.95
) -> tuple[float, float] | None:
    """Low and high of sum(``hits``) / sum(``n``), clusters [G] each; None below two clusters.

    A ratio that is the same in every cluster is its own interval. Raises ValueError unless sum(n) > 0.
    """
    if n.sum() <= 0:
        raise ValueError("a ratio needs something below the line")
    if n.size < 2:
        return None
    theta = np.array([hits.sum() / n.sum()])
    error = float(_errors(np.ones((1, n.size)), hits, n, theta)[0])
    if error == 0:
        return float(theta[0]), float(theta[0])
    rng, size = np.random.default_rng(seed), max(1, AT_ONCE // n.size)
    values = []
    for first in range(0, n_draws, size):
        drawn = rng.multinomial(n.size, np.full(n.size, 1 / n.size), min(size, n_draws - first)).astype(np.float64)
        drawn = drawn[drawn @ n > 0]
        ratio = (drawn @ hits) / (drawn @ n)
        errors = _errors(drawn, hits, n, ratio)
        values.append((ratio - theta)[errors > 0] / errors[errors > 0])
    tails = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(values), [1 - tails, tails]) if any(map(len, values)) else (0.0, 0.0)
    return float(theta[0] - low * error), float(theta[0] - high * error)


def _errors(weights: Floats, hits: Floats, n: Floats, ratio: Floats) -> Floats:
    """se of every draw [B] for cluster ``weights`` [B, G] and its ``ratio`` [B]."""
    left = hits[None] - ratio[:, None] * n[None]
    clusters = n.size
    found: Floats = np.sqrt(clusters / (clusters - 1) * (weights * left * left).sum(1)) / (weights @ n)
    return found
