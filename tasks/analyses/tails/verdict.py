"""Whether a tail is a power law, is none, or is too short to tell.

1. Rejected if the goodness of fit has p <= 0.1, the curvature p <= 0.05, or one of the other tests (truncated power
   law; Vuong's, where an exponential or a stretched exponential is nearer) p <= 0.05 after Bonferroni.
2. Power: a lognormal is fitted to all positive degrees, not to the tail alone. Of POWER_DRAWS tails of as many values
   drawn from it beyond x_min, ``power`` is the share that the curvature test rejects at 0.05.
3. Not rejected, and power at least 0.95: a power law. So of data that are lognormal, at most 5 % are called one.
   Not rejected with less power: cannot tell.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from tasks.analyses.tails.alternatives import Compared, bends_down, curvature
from tasks.analyses.tails.power_law import EXACT, Tail, fit_alpha
from tasks.statistics.exponential_family import exponential_family

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PLAUSIBLE, ALPHA, ENOUGH = 0.1, 0.05, 0.95
POWER_DRAWS = 400


def power_against_lognormal(values: Ints, tail: Tail, x_max: int, seed: list[int]) -> float:
    """Step 2 for positive ``values``."""
    support = np.arange(1, x_max + 1, dtype=np.float64)
    logs, own = np.log(support), np.log(values)
    spread = max(float(own.var()), 1e-2)
    start = np.array([own.mean() / spread - 1, -1 / (2 * spread)])  # the lognormal of a support without end
    _, log_p = exponential_family(np.column_stack([logs, logs**2]), np.array([own.mean(), (own**2).mean()]), start)
    beyond = log_p[tail.x_min - 1 :]
    law = np.cumsum(np.exp(beyond - logsumexp(beyond)))
    rng, begin = np.random.default_rng(seed), logs[tail.x_min - 1 :]
    means = np.empty((POWER_DRAWS, 2))
    for draw in range(POWER_DRAWS):
        drawn = begin[np.minimum(np.searchsorted(law, rng.random(tail.n)), begin.size - 1)]
        means[draw] = drawn.mean(), (drawn**2).mean()
    alpha = fit_alpha(means[:, 0], np.full(POWER_DRAWS, tail.x_min), x_max, EXACT.bounds)
    z = curvature(means[:, 1], alpha, tail.n, support[tail.x_min - 1 :])
    return float(np.mean(bends_down(z) <= ALPHA))


def judge(gof_p: float, curvature_p: float, compared: list[Compared], power: float) -> str:
    """Steps 1 and 3: power_law, not_power_law or cannot_tell."""
    tests = []
    for one in compared:
        if one.test == "likelihood_ratio":
            tests.append(one.p)
        elif one.fit.family != "lognormal":  # of which curvature is the test
            tests.append(one.p if one.statistic < 0 else 1.0)
    if gof_p <= PLAUSIBLE or curvature_p <= ALPHA or any(p * len(tests) <= ALPHA for p in tests):
        return "not_power_law"
    return "power_law" if power >= ENOUGH else "cannot_tell"


def as_published(gof_p: float) -> str:
    """The published reading: plausible, and so a power law, if the goodness of fit has p above 0.1."""
    return "power_law" if gof_p > PLAUSIBLE else "not_power_law"
