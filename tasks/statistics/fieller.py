"""An interval for a ratio of means over units that holds with few units, skewed values, and few that are not 0.

1. Of units (y_i, x_i), i = 1 to n, and a ratio r: T(r) = sqrt(n) mean(y - r x) / sd(y - r x), which falls as r rises.
2. Fieller (1954): the ratios with |T(r)| at most Student's quantile with n - 1 degrees of freedom, as if y - r x were
   normal.
3. Bootstrap: T at the estimate in draws of n units with replacement, and the ratios with T(r) between their outer
   quantiles (Hwang 1995). Skewness shows in them; with few units, draws in which nothing varies make them wide, or
   infinite.
4. Each end is the outer one of both. T(r) = q is a quadratic, n (my - r mx)^2 = q^2 (s_yy - 2 r s_xy + r^2 s_xx), m
   means and s (co)variances. No end is there where sqrt(n) mx / s_x does not exceed |q|: x might be 0 in the mean.

The mean of y is the ratio to x = 1.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Floats = NDArray[np.float64]
AT_ONCE = 1 << 22  # drawn values in memory


def ratio_limits(
    y: Floats, x: Floats, n_draws: int, seed: list[int], confidence: float = 0.95
) -> tuple[float | None, float | None]:
    """Low and high end of mean(``y``) / mean(``x``), both [n]; None for an end that is not there.

    None of both below two units, and where all units have one ratio: nothing says how far another could be. Raises
    ValueError unless mean(x) > 0.
    """
    if x.sum() <= 0:
        raise ValueError("a ratio needs something below the line")
    left = y - y.sum() / x.sum() * x
    if len(y) < 2 or np.ptp(left) <= 1e-12 * np.abs(y).max():
        return None, None
    tail = (1 - confidence) / 2
    student, drawn = float(t.ppf(1 - tail, len(y) - 1)), _drawn(left, n_draws, seed)
    rank = max(int(tail * (n_draws + 1)), 1)
    below, above = min(-student, float(drawn[rank - 1])), max(student, float(drawn[-rank]))
    return _end(y, x, above), _end(y, x, below)


def _drawn(left: Floats, n_draws: int, seed: list[int]) -> Floats:
    """T of draws of what is ``left`` [n] at the estimate, ascending: [n_draws]; infinite where a draw does not vary."""
    rng, n, found = np.random.default_rng(seed), len(left), []
    for first in range(0, n_draws, max(1, AT_ONCE // n)):
        values = left[rng.integers(0, n, (min(max(1, AT_ONCE // n), n_draws - first), n))]
        mean, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
        varies = np.ptp(values, axis=1) > 0
        still = np.where(mean == 0, 0.0, np.copysign(np.inf, mean))
        found.append(np.where(varies, np.sqrt(n) * mean / np.where(varies, spread, 1.0), still))
    return np.sort(np.concatenate(found))


def _end(y: Floats, x: Floats, q: float) -> float | None:
    """The ratio with T = ``q``, which is not 0: below the estimate if q is positive."""
    if not np.isfinite(q):
        return None
    n, my, mx = len(y), float(y.mean()), float(x.mean())
    (yy, xy), (_, xx) = np.cov(y, x)
    a = n * mx * mx - q * q * xx
    if a <= 0:
        return None
    half, c = n * mx * my - q * q * xy, n * my * my - q * q * yy
    root = np.sqrt(max(half * half - a * c, 0.0))
    return float((half - np.copysign(root, q)) / a)
