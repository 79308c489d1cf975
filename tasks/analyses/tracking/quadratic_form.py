"""P(<w, g> >= c |g|) for a Gaussian vector g ~ N(m, S) and a unit vector w, 0 < c < 1: how often it is as near as c.

It is half, or another share, of P(Q > 0) with the quadratic form Q = g^T (w w^T - c^2 I) g. In the axes of S, with
eigenvalues s, u of w and m of the mean, the cumulants of Q are

    K(t)  = -1/2 [ sum log(1 + t a) + log h ] + t (sum u m G)^2 / h - t c^2 sum m^2 G
    a     = 2 c^2 s,   G = 1 / (1 + t a),   h = 1 - 2 t sum u^2 s G

1. P(Q > 0) is Lugannani and Rice's tail (1980) at the saddle point K'(t) = 0.
2. The share of it with <w, g> > 0 is that of a Gaussian <w, g> beyond c |g|, with |g| as large as it is on average.
3. Without a mean, Q has the tail of a chi-square of one degree of freedom, for which step 1 is a few per cent too
   large. How much, is measured where the answer is known (S = I, m = 0: a beta law), and taken out as far as both
   signs count.

Eigenvalues come in groups of ``count`` equal ones, not necessarily whole numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr
from scipy.stats import beta

Floats = NDArray[np.float64]
HALVINGS = 40
FLAT = 1e-3  # below this, the tail is one half to three digits, and its formula a difference of infinities
LEAST = 1e-300


@dataclass(frozen=True)
class Gaussian:
    """Groups of eigenvalues: their values ``spread``, ``count`` and sums ``mean2`` of m^2, float64 [b] each."""

    spread: Floats
    count: Floats
    mean2: Floats

    @property
    def square(self) -> float:
        """E |g|^2."""
        return float(self.count @ self.spread + self.mean2.sum())


@dataclass(frozen=True)
class Sides:
    """What g is along directions: sums of u^2 s and of u m by group, float64 [n, b] each."""

    variance: Floats
    mean: Floats

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Sides":
        """Those of some directions."""
        return Sides(self.variance[rows], self.mean[rows])


def tail(gaussian: Gaussian, sides: Sides, cosine: Floats, correction: tuple[Floats, Floats]) -> Floats:
    """P [n] that g is as near to each direction as ``cosine`` [n]; ``correction`` as ``calibration`` gives it.

    Where Q is above 0 on average, the share of step 2 is returned: P is large then, and not above it.
    """
    c2 = np.square(np.clip(cosine, 1e-9, 1 - 1e-9))
    variance, mean = sides.variance.sum(1), sides.mean.sum(1)
    share = _positive_share(mean, variance, c2, gaussian.square)
    found = np.where(cosine > 0, share, 1.0)
    far = (cosine > 0) & (variance > 0) & (variance + mean**2 < c2 * gaussian.square)
    if far.any():
        raw = np.log(_positive_tail(gaussian, sides.of(far), c2[far, None]))
        both = 4 * share[far] * (1 - share[far])
        found[far] = share[far] * np.exp(raw + both * np.interp(raw, *correction))
    return np.where(variance + mean**2 > 0, found, 0.0)


def calibration(d: int) -> tuple[Floats, Floats]:
    """Logarithms of P(Q > 0) by step 1, ascending, and what to add to each: from S = I, m = 0 in ``d`` dimensions."""
    c2 = np.concatenate([np.linspace(1.05, 12, 100) / d, 1 - np.logspace(-0.01, -8, 200)])
    c2 = np.sort(c2[(c2 > 1.05 / d) & (c2 < 1)])
    exact = beta.sf(c2, 0.5, (d - 1) / 2)
    c2, exact = c2[exact > LEAST], exact[exact > LEAST]
    one = np.ones((len(c2), 1))
    even = Gaussian(np.ones(1), np.array([float(d)]), np.zeros(1))
    found = _positive_tail(even, Sides(one, np.zeros_like(one)), c2[:, None])
    order = np.argsort(found)
    return np.log(found[order]), np.log(exact[order]) - np.log(found[order])


def _positive_share(mean: Floats, variance: Floats, c2: Floats, square: float) -> Floats:
    """Step 2."""
    across = np.maximum(square - variance - mean**2, 0.0)
    bound, sd = np.sqrt(c2 / (1 - c2) * across), np.sqrt(np.maximum(variance, LEAST))
    above, below = (log_ndtr(np.clip((side - bound) / sd, -1e6, 1e6)) for side in (mean, -mean))
    share: Floats = 1 / (1 + np.exp(np.clip(below - above, -700, 700)))
    return share


def _positive_tail(gaussian: Gaussian, sides: Sides, c2: Floats) -> Floats:
    """Step 1, P(Q > 0) [n], where E Q < 0; ``c2`` c^2 [n, 1]."""
    t = _saddle(gaussian, sides, c2)
    value, curvature = _cumulants(t, gaussian, sides, c2)
    w = np.sqrt(np.maximum(-2 * value, 0.0))
    v = t[:, 0] * np.sqrt(np.maximum(curvature, LEAST))
    flat = w < FLAT
    w, v = np.where(flat, 1.0, w), np.where(flat, 1.0, v)
    density = np.exp(-0.5 * np.square(w)) / np.sqrt(2 * np.pi)
    return np.where(flat, 1.0, np.clip(ndtr(-w) + density * (1 / v - 1 / w), LEAST, 1.0))


def _cumulants(t: Floats, gaussian: Gaussian, sides: Sides, c2: Floats) -> tuple[Floats, Floats]:
    """K and its second derivative at ``t`` [n, 1]; NaN or infinite where h is not above 0."""
    a, step = 2 * c2 * gaussian.spread, t[:, 0]
    g = 1 / (1 + t * a)
    h, h1 = 1 - 2 * step * (sides.variance * g).sum(1), -2 * (sides.variance * g**2).sum(1)
    h2 = 4 * (sides.variance * a * g**3).sum(1)
    m, m1, m2 = (sides.mean * g).sum(1), -(sides.mean * a * g**2).sum(1), 2 * (sides.mean * a**2 * g**3).sum(1)
    square, square1, square2 = m**2, 2 * m * m1, 2 * m1**2 + 2 * m * m2
    with np.errstate(divide="ignore", invalid="ignore"):
        r = square / h
        r1 = square1 / h - square * h1 / h**2
        r2 = square2 / h - 2 * square1 * h1 / h**2 - square * h2 / h**2 + 2 * square * h1**2 / h**3
        value = -0.5 * (np.log1p(t * a) @ gaussian.count + np.log(h)) + step * (r - c2[:, 0] * (g @ gaussian.mean2))
        second = 0.5 * ((a * g) ** 2 @ gaussian.count - h2 / h + (h1 / h) ** 2) + 2 * r1 + step * r2
        second += 2 * c2[:, 0] * ((a * g**3) @ gaussian.mean2)
    return value, second


def _saddle(gaussian: Gaussian, sides: Sides, c2: Floats) -> Floats:
    """The t > 0 with K'(t) = 0, by halving: [n, 1]. K' rises from below 0 up to where h = 0."""
    high: Floats = 0.5 / sides.variance.sum(1, keepdims=True)
    while (short := _is_below(high, gaussian, sides, c2)).any():
        high = np.where(short, 2 * high, high)
    low: Floats = np.zeros_like(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = _is_below(middle, gaussian, sides, c2)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return low


def _is_below(t: Floats, gaussian: Gaussian, sides: Sides, c2: Floats) -> NDArray[np.bool_]:
    """Whether ``t`` lies below the saddle point: [n, 1]."""
    a, step = 2 * c2 * gaussian.spread, t[:, 0]
    g = 1 / (1 + t * a)
    square = g * g
    h, h1 = 1 - 2 * step * (sides.variance * g).sum(1), -2 * (sides.variance * square).sum(1)
    m, m1 = (sides.mean * g).sum(1), -(sides.mean * a * square).sum(1)
    level = -0.5 * ((a * g) @ gaussian.count) - c2[:, 0] * (square @ gaussian.mean2)
    rising = level * h**2 - 0.5 * h1 * h + m**2 * h + step * (2 * m * m1 * h - m**2 * h1)  # K' times h^2
    found: NDArray[np.bool_] = ((h > 0) & (rising < 0))[:, None]
    return found
