"""Other laws for the same tail, each on the same support k = x_min ... x_max, fitted by maximum likelihood.

exponential            P(k) ~ exp(-lambda k)
lognormal              P(k) ~ exp(-(log k - mu)^2 / (2 sigma^2)) / k
stretched_exponential  P(k) ~ k^(beta - 1) exp(-lambda k^beta)
truncated_power_law    P(k) ~ k^-alpha exp(-lambda k), lambda >= 0

1. All but the third are exponential families: log P = theta . t(k) - log Z(theta), whose likelihood is concave; Newton.
   The third is one for every beta; beta is found by bounded search.
2. The lognormal tends to the power law as sigma grows, the truncated power law is one at lambda = 0. Where the data ask
   for more, the fit is the power law itself.
3. Against the power law: Vuong's test (``statistics.vuong``), z > 0 favours the power law; for the truncated power law,
   of which the power law is the edge, the likelihood ratio 2 (l - l_power), half of whose law is 0 and half chi-square
   of one degree of freedom.
4. Curvature: the score test of theta_2 = 0 in log P = theta_1 log k + theta_2 (log k)^2, one-sided. It asks whether the
   log density bends down against log k, as that of every lognormal does, and needs the power law's fit alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, ndtr
from scipy.stats import chi2

from tasks.statistics.exponential_family import exponential_family
from tasks.statistics.vuong import vuong

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BETAS = (0.02, 10.0)


@dataclass(frozen=True)
class Fit:
    """A law: its parameters by their names above, and log P [K] over the support."""

    family: str
    parameters: tuple[float, ...]
    log_p: Floats


def power_law(values: Ints, alpha: float, support: Floats) -> Fit:
    """The power law of ``alpha``; ``values`` only for likeness with the others."""
    raw = -alpha * np.log(support)
    return Fit("power_law", (alpha,), raw - logsumexp(raw))


def exponential(values: Ints, alpha: float, support: Floats) -> Fit:
    """parameters: lambda."""
    theta, log_p = exponential_family(
        support[:, None], np.array([values.mean()]), np.array([-1 / (values.mean() - support[0] + 1)])
    )
    return Fit("exponential", (-float(theta[0]),), log_p)


def lognormal(values: Ints, alpha: float, support: Floats) -> Fit:
    """parameters: mu and sigma; none where the tail does not bend down (2)."""
    logs, own = np.log(support), np.log(values)
    table, wanted = np.column_stack([logs, logs**2]), np.array([own.mean(), (own**2).mean()])
    theta, log_p = exponential_family(table, wanted, np.array([-alpha, 0.0]))
    if theta[1] >= 0:
        return Fit("lognormal", (), power_law(values, alpha, support).log_p)
    variance = -1 / (2 * theta[1])
    return Fit("lognormal", (float((theta[0] + 1) * variance), float(np.sqrt(variance))), log_p)


def truncated_power_law(values: Ints, alpha: float, support: Floats) -> Fit:
    """parameters: alpha and lambda; lambda 0 where the tail does not fall faster than a power (2)."""
    table = np.column_stack([np.log(support), support])
    theta, log_p = exponential_family(table, np.array([np.log(values).mean(), values.mean()]), np.array([-alpha, 0.0]))
    if theta[1] >= 0:
        return Fit("truncated_power_law", (alpha, 0.0), power_law(values, alpha, support).log_p)
    return Fit("truncated_power_law", (-float(theta[0]), -float(theta[1])), log_p)


def stretched_exponential(values: Ints, alpha: float, support: Floats) -> Fit:
    """parameters: lambda and beta."""

    def at(log_beta: float) -> tuple[float, Floats, float]:
        beta = float(np.exp(log_beta))
        base = (beta - 1) * np.log(support)
        powers = (support / support[0]) ** beta
        wanted = float(((values / support[0]) ** beta).mean())
        rate = (alpha - 1) / beta  # at which the law falls from x_min as the power law does
        theta, log_p = exponential_family(powers[:, None], np.array([wanted]), np.array([-rate]), base)
        return float(log_p[_places(values, support)].sum()), log_p, -float(theta[0]) / float(support[0]) ** beta

    bounds = (float(np.log(BETAS[0])), float(np.log(BETAS[1])))
    best = minimize_scalar(lambda log_beta: -at(log_beta)[0], bounds=bounds, method="bounded", options={"xatol": 1e-3})
    _, log_p, rate = at(best.x)
    return Fit("stretched_exponential", (rate, float(np.exp(best.x))), log_p)


ALTERNATIVES: tuple[Callable[[Ints, float, Floats], Fit], ...] = (
    exponential, lognormal, stretched_exponential, truncated_power_law,
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """A law beside the power law: log-likelihood, test, statistic and p; 0 and 1 where both say the same."""

    fit: Fit
    log_likelihood: float
    test: str
    statistic: float
    p: float


def compare(power: Fit, other: Fit, values: Ints, support: Floats, nested_by_vuong: bool) -> Compared:
    """Step 3; ``nested_by_vuong``: Vuong's test for the truncated power law too, as published."""
    places = _places(values, support)
    first, second = power.log_p[places], other.log_p[places]
    if other.family == "truncated_power_law" and not nested_by_vuong:
        ratio = max(2 * float((second - first).sum()), 0.0)
        p = float(chi2.sf(ratio, 1)) / 2 if ratio else 1.0
        return Compared(other, float(second.sum()), "likelihood_ratio", ratio, p)
    try:
        found = vuong(first, second)
    except ValueError:  # the two say the same of every value
        return Compared(other, float(second.sum()), "vuong", 0.0, 1.0)
    return Compared(other, float(second.sum()), "vuong", found.z, found.p)


def curvature(mean_square: Floats, alpha: Floats, n: int, support: Floats) -> Floats:
    """z [B] of step 4 for tails of ``n`` values with mean (log x)^2 ``mean_square`` [B] and fitted ``alpha`` [B].

    The log density bends down where z is low.
    """
    logs = np.log(support)
    found = np.empty(alpha.size)
    for place, exponent in enumerate(alpha):
        raw = -exponent * (logs - logs[0])
        weight = np.exp(raw)
        weight /= weight.sum()
        first, second = weight @ logs, weight @ logs**2
        away, square = logs - first, logs**2 - second
        spread = weight @ square**2 - (weight @ (away * square)) ** 2 / (weight @ away**2)
        found[place] = np.sqrt(n / spread) * (mean_square[place] - second) if spread > 0 else 0.0
    return found


def bends_down(z: Floats) -> Floats:
    """One-sided p of ``curvature``."""
    p: Floats = ndtr(z)
    return p


def _places(values: Ints, support: Floats) -> Ints:
    found: Ints = (values - int(support[0])).astype(np.int64)
    return found
