"""Tails of sums of independent Bernoulli variables of which only four cumulants are known.

A hypergeometric number is such a sum (Vatutin & Mikhailov 1982), and so is a sum of them over strata. The normal law is
far off in its tail, and so is any law that fits fewer cumulants if some strata are nearly full of firings and others
nearly empty.

1. A Bernoulli variable of rate p has variance w = p (1 - p) and r = 1 - 2 p. Cumulants of the sum are k2 = sum w,
   k3 = sum w r and k4 = sum w (3 r^2 - 1) / 2, so that sum w r^2 = (2 k4 + k2) / 3.
2. Two kinds of variables have the same k2, k3 and k4: a share w1 of the variance at r = 1 (a Poisson number) and the
   rest, w2 = k2 - w1, at one r2 = (k2 - sum w r^2) / (k2 - k3) - 1 (a binomial number). A constant makes up the mean.
   Of all laws with these cumulants it has the variables of smallest rate, hence nearly the heaviest tail.
3. Lugannani & Rice (1980) give its tail from the saddlepoint, with their correction for whole numbers. The saddlepoint
   solves K'(t) = x, a quadratic equation in exp(t).
4. The bound exp(K(t) - t x) (Chernoff 1952) holds for every t and replaces the tail where that is larger, at the end
   of what the sum can reach.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
LEAST_Z = 1.0  # a value less than one standard deviation above the mean has a tail far above any level of interest
ROUNDING = 1e-12
LARGEST_ODDS = 1e15  # exp(t) beyond what the sum can reach


def upper_tail(count: Floats, mean: Floats, variance: Floats, third: Floats, fourth: Floats) -> Floats:
    """P(X >= count) of sums with these cumulants, element by element; 1 where z is below 1 or nothing varies."""
    p = np.ones(np.shape(count))
    z = np.divide(count - mean, np.sqrt(variance), out=np.zeros(p.shape), where=variance > ROUNDING * (1 + mean))
    far = z >= LEAST_Z
    if far.any():
        p[far] = _saddlepoint_tail(*(one[far] for one in (count, mean, variance, third, fourth)))
    return p


def _saddlepoint_tail(count: Floats, mean: Floats, variance: Floats, third: Floats, fourth: Floats) -> Floats:
    poisson, trials, rate = _two_kinds(variance, third, fourth)
    x = count - (mean - poisson - trials * rate)
    odds = _saddlepoint(x, poisson, trials, rate)
    t = np.log(odds)
    mixed = 1 - rate + rate * odds
    cumulant = poisson * (odds - 1) + trials * np.log(mixed)
    tilted = rate * odds / mixed
    curvature = poisson * odds + trials * tilted * (1 - tilted)
    exponent = np.minimum(cumulant - t * x, 0.0)
    w = np.sqrt(-2 * exponent)
    u = (1 - 1 / odds) * np.sqrt(curvature)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tail = ndtr(-w) + np.exp(exponent) / np.sqrt(2 * np.pi) * (1 / u - 1 / w)
    found: Floats = np.fmin(np.where(tail >= 0, tail, np.inf), np.exp(exponent))
    return found


def _two_kinds(variance: Floats, third: Floats, fourth: Floats) -> tuple[Floats, Floats, Floats]:
    """Step 2: the mean of the Poisson number, and trials and rate of the binomial one."""
    apart = np.maximum(variance - third, ROUNDING * variance)
    squares = np.clip((2 * fourth + variance) / 3, 0.0, variance)
    r = np.clip((variance - squares) / apart - 1, -1 + ROUNDING, 1 - ROUNDING)
    own = np.minimum(apart / (1 - r), variance)
    rate = (1 - r) / 2
    return variance - own, own / (rate * (1 - rate)), rate


def _saddlepoint(x: Floats, poisson: Floats, trials: Floats, rate: Floats) -> Floats:
    """exp(t) at which poisson e^t + trials rate e^t / (1 - rate + rate e^t) = x, at least 1."""
    square = poisson * rate
    linear = poisson * (1 - rate) + trials * rate - x * rate
    constant = np.maximum(x, 0.0) * (1 - rate)
    root = np.sqrt(linear**2 + 4 * square * constant)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.where(linear >= 0, 2 * constant / (linear + root), (root - linear) / (2 * square))
    found: Floats = np.clip(np.nan_to_num(odds, nan=LARGEST_ODDS, posinf=LARGEST_ODDS), 1.0, LARGEST_ODDS)
    return found
