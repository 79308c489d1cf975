"""Maximum likelihood of a law P(k) ~ exp(theta . t(k)) m(k) on finitely many k: concave, so Newton's method finds it.

At the maximum, the means of the statistics t under the law are those of the data.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]
NEWTON_STEPS, TOLERANCE = 60, 1e-10


def exponential_family(
    statistics: Floats, observed: Floats, start: Floats, base: Floats | float = 0.0
) -> tuple[Floats, Floats]:
    """theta [m] and log P [K] that match the means ``observed`` [m] of ``statistics`` [K, m].

    Newton's method sets out from theta = ``start`` [m]; ``base`` [K]: log measure.
    """
    raw = statistics @ start + base
    near = np.exp(raw - logsumexp(raw))
    centre = near @ statistics
    scale = np.sqrt(near @ (statistics - centre) ** 2)
    table, wanted = (statistics - centre) / scale, (observed - centre) / scale
    theta, offset = start * scale, base + np.zeros(len(table))
    log_p = raw - logsumexp(raw)
    for _ in range(NEWTON_STEPS):
        weight = np.exp(log_p)
        mean = weight @ table
        gap = wanted - mean
        if np.abs(gap).max() < TOLERANCE:
            break
        away = table - mean
        step = np.linalg.lstsq((away * weight[:, None]).T @ away, gap, rcond=None)[0]
        before = theta
        theta, log_p = _climb(theta, step, table, wanted, offset)
        if theta is before:
            break
    return theta / scale, log_p


def _climb(theta: Floats, step: Floats, table: Floats, wanted: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """After the longest of the step, its half, ... that does not lower the likelihood; ``theta`` if none does."""

    def gain(at: Floats) -> tuple[float, Floats]:
        raw = table @ at + offset
        total = float(logsumexp(raw))
        return float(wanted @ at) - total, raw - total

    before, _ = gain(theta)
    for _ in range(40):
        after, log_p = gain(theta + step)
        if after >= before - 1e-15 * abs(before):
            return theta + step, log_p
        step = step / 2
    return theta, gain(theta)[1]
