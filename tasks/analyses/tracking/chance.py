"""How near the best direction of a random dictionary comes to a given one.

A random direction is g / |g| with g ~ N(m, S), m the mean and S the covariance of the dictionary W [n, d] of unit
directions that it stands for. It is as near to a unit direction w as the cosine c with probability P
(``quadratic_form``), and the best of n independent ones with probability p = 1 - (1 - P)^n. p depends on w: a direction
along which the dictionary varies much, or towards which it leans, is met by chance more often.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.tracking.quadratic_form import Gaussian, Sides, calibration, tail
from tasks.store import RequestError

Floats = NDArray[np.float64]
ROWS = 4096  # directions that are turned into the axes of a dictionary at once
NODES = 65  # eigenvalues are shared out among so many: all sums over them are of smooth functions
LEAST_EIGENVALUE = 1e-6  # of the largest one: smaller ones are raised to it, so that no direction is out of reach
MOMENT_DECIMALS = 12
P_DIGITS = 6  # of S, its eigenvectors and what follows, the last digits depend on the number of threads


class Chance:
    """Random dictionaries of the mean and covariance of ``unit`` float32 [n, d], n > 0.

    Raises RequestError for directions that are not finite or all zero.
    """

    def __init__(self, unit: NDArray[np.float32]) -> None:
        exact = unit.astype(np.float64)
        if not np.isfinite(exact).all() or not exact.any():
            raise RequestError("a dictionary to track has directions that are not finite or all zero: train it anew")
        self._mean = exact.mean(axis=0)
        self._centred = (exact - self._mean).astype(np.float32)
        centred = exact - self._mean
        spread, self._axes = np.linalg.eigh((centred.T @ centred / len(exact)).round(MOMENT_DECIMALS))
        self._spread = np.maximum(spread, LEAST_EIGENVALUE * spread.max())
        node, self._weight = nodes(self._spread)
        self._turned = self._mean @ self._axes
        self._gaussian = Gaussian(node, self._weight.sum(axis=0), np.square(self._turned) @ self._weight)
        self._calibration = calibration(len(spread))

    @property
    def n(self) -> int:
        """Directions of a random dictionary."""
        return len(self._centred)

    def sides(self, unit: NDArray[np.float32]) -> Sides:
        """All that chance knows of the directions ``unit`` [m, d]."""
        turned = [unit[start : start + ROWS].astype(np.float64) @ self._axes for start in range(0, len(unit), ROWS)]
        turned = turned or [np.empty((0, len(self._spread)))]
        variance = [(np.square(part) * self._spread) @ self._weight for part in turned]
        return Sides(
            np.concatenate(variance), np.concatenate([(part * self._turned) @ self._weight for part in turned])
        )

    def p_of_best(self, sides: Sides, cosine: Floats) -> Floats:
        """p that the best of n random directions is as near as ``cosine`` [m] to directions of ``sides``: [m]."""
        return _shortened(-np.expm1(self.n * np.log1p(-self.p_of_one(sides, cosine))))

    def p_of_one(self, sides: Sides, cosine: Floats) -> Floats:
        """P that a single random direction is as near as ``cosine`` [m] to directions of ``sides``: [m]."""
        return np.minimum(tail(self._gaussian, sides, cosine, self._calibration), 1 - 1e-16)

    def draw(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """A random dictionary: n directions of unit norm [n, d], of m + (W - m)^T z / sqrt(n), z standard normal."""
        z = rng.standard_normal((self.n, self.n), dtype=np.float32)
        drawn = z @ self._centred / np.float32(np.sqrt(self.n)) + self._mean.astype(np.float32)
        unit: NDArray[np.float32] = drawn / np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-30)
        return unit


def nodes(spread: Floats) -> tuple[Floats, Floats]:
    """Values [b] that stand for eigenvalues ``spread`` [d] above 0, and the weight of each eigenvalue at each: [d, b].

    An eigenvalue weighs at the two nodes around it, in proportion: whatever its last digits are, all sums are nearly
    the same. Up to NODES of them stand for themselves.
    """
    if len(spread) <= NODES:
        return spread, np.eye(len(spread))
    logs = np.log(spread)
    grid = np.linspace(logs.min() - 1e-6, logs.max() + 1e-6, NODES)
    place = (logs - grid[0]) / (grid[1] - grid[0])
    left = np.minimum(place.astype(np.int64), NODES - 2)
    weight = np.zeros((len(spread), NODES))
    rows = np.arange(len(spread))
    weight[rows, left], weight[rows, left + 1] = 1 - (place - left), place - left
    return np.exp(grid), weight


def _shortened(p: Floats) -> Floats:
    """Rounded to P_DIGITS significant digits."""
    size = np.floor(np.log10(np.where(p > 0, p, 1.0)))
    unit = 10.0 ** (np.maximum(size, -300) - P_DIGITS + 1)
    return np.minimum(np.round(p / unit) * unit, 1.0)
