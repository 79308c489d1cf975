"""Vuong's test (1989): which of two models that do not contain each other is nearer to the data?

1. d_i = log f(i) - log g(i), by observation, or summed over the observations of a unit that depend on one another.
2. R = sum d - c, where c corrects for unequal numbers of parameters: (k_f - k_g) log(n) / 2 (the Schwarz criterion's),
   n the observations or units, 0 if not wanted.
3. z = R / (omega sqrt(n)), omega^2 = mean(d^2) - mean(d)^2; two-sided p by the normal law. z > 0 favours f.

For nested models, whose d vanish under the null, the law is another: use the likelihood ratio.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
SAME = 1e-12  # omega, as a share of the log-likelihoods' size, at which the models say the same of every observation


@dataclass(frozen=True)
class Vuong:
    """Corrected log-likelihood ratio R (natural log), z, two-sided p, and the number of observations or units."""

    ratio: float
    z: float
    p: float
    n: int


def vuong(
    first: Floats, second: Floats, parameters: tuple[int, int] = (0, 0), units: NDArray[np.int64] | None = None
) -> Vuong:
    """Of the log-likelihoods [n] of all observations; ``units`` [n] sums them, ``parameters`` are those of the models.

    Raises ValueError if a log-likelihood is not finite, or if the models differ by a constant alone.
    """
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("every observation needs a finite log-likelihood under both models")
    d = np.asarray(first, np.float64) - second
    if units is not None:
        d = np.bincount(np.unique(units, return_inverse=True)[1], d).astype(np.float64)
    n = len(d)
    omega = float(np.std(d))
    if omega <= SAME * float(np.abs(first).mean() + np.abs(second).mean()):
        raise ValueError("both models say the same of every observation: there is nothing to compare")
    ratio = float(d.sum()) - (parameters[0] - parameters[1]) * np.log(n) / 2
    z = ratio / (omega * np.sqrt(n))
    return Vuong(ratio, z, float(2 * ndtr(-abs(z))), n)
