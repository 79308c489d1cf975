"""The discrete power law on a finite support: its fit, where its tail begins, and whether the data could be it.

P(X = k) = k^-alpha / Z on k = x_min ... x_max, Z = zeta(alpha, x_min) - zeta(alpha, x_max + 1) (Hurwitz). A degree
cannot exceed the number of targets, so x_max is that number; beyond it there is nothing to normalise over.

1. alpha maximises -n log Z - alpha sum log x, by golden section, for all candidates of x_min at once.
2. x_min is the candidate of smallest Kolmogorov-Smirnov distance (Clauset, Shalizi & Newman 2009), over integers from
   x_min on. Candidates: distinct values up to the 95th percentile, at most ``candidates`` of them, evenly spaced.
3. Goodness of fit: draws with as many values as the data. As large a share lies below x_min, and is drawn from the
   values there; the rest follows the fitted law. Each is fitted anew with as many candidates as the data.
   p = (1 + #{D >= D_obs}) / (1 + B).
   The published program gives its draws fewer candidates than the data, so that their D is larger and p with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import zeta

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEWEST = 10  # values of a tail
LARGEST_QUANTILE = 0.95
STEPS = 40
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Rule:
    """How a tail is fitted. ``x_max`` None: the number of targets. ``ks_to_largest``: D up to the largest value alone.

    ``draw_candidates``: candidates of x_min in draws; ``reach``: draws stop at so many times the largest value, or at
    x_max if None; ``add_one``: whether the data count among the draws.
    """

    name: str
    x_max: int | None
    bounds: tuple[float, float]
    candidates: int
    draw_candidates: int
    ks_to_largest: bool
    reach: int | None
    add_one: bool


EXACT = Rule("exact", None, (1.01, 30.0), 60, 60, ks_to_largest=False, reach=None, add_one=True)
PUBLISHED = Rule("published", 200_000, (1.05, 10.0), 60, 25, ks_to_largest=True, reach=3, add_one=False)


@dataclass(frozen=True)
class Tail:
    """A fitted tail: exponent, first value, number of values from there on, and distance D."""

    alpha: float
    x_min: int
    n: int
    distance: float


def log_normaliser(alpha: Floats, x_min: Ints, x_max: int) -> Floats:
    """log Z, element by element."""
    found: Floats = np.log(zeta(alpha, x_min.astype(np.float64)) - zeta(alpha, x_max + 1.0))
    return found


def fit_alpha(mean_log: Floats, x_min: Ints, x_max: int, bounds: tuple[float, float]) -> Floats:
    """Step 1 for tails of mean log ``mean_log`` [C] that begin at ``x_min`` [C]."""
    low, high = (np.full(mean_log.shape, bound) for bound in bounds)

    def cost(alpha: Floats) -> Floats:
        return log_normaliser(alpha, x_min, x_max) + alpha * mean_log

    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(STEPS):
        lower = at_left < at_right
        low, high = np.where(lower, low, left), np.where(lower, right, high)
        fresh = np.where(lower, high - GOLDEN * (high - low), low + GOLDEN * (high - low))
        at_fresh = cost(fresh)
        left, right = np.where(lower, fresh, right), np.where(lower, left, fresh)
        at_left, at_right = np.where(lower, at_fresh, at_right), np.where(lower, at_left, at_fresh)
    middle: Floats = (low + high) / 2
    return middle


def candidates_of(values: Ints, most: int) -> Ints:
    """Step 2: values at which a tail may begin; at least FEWEST values follow each."""
    distinct = np.unique(values)
    distinct = distinct[distinct <= np.quantile(values, LARGEST_QUANTILE)]
    follow = values.size - np.searchsorted(np.sort(values), distinct)
    distinct = distinct[follow >= FEWEST]
    if distinct.size <= most:
        return distinct
    return distinct[np.unique(np.linspace(0, distinct.size - 1, most).round().astype(np.int64))]


def distance(values: Ints, alpha: float, x_min: int, x_max: int, to_largest: bool) -> float:
    """D of sorted ``values`` >= x_min."""
    span = np.arange(x_min, values[-1] + 1)
    model = np.cumsum((span / x_min) ** -alpha)
    if not to_largest:
        scale = float(log_normaliser(np.array([alpha]), np.array([x_min]), x_max)[0]) + alpha * np.log(x_min)
        model /= np.exp(scale)
    else:
        model /= model[-1]
    empirical = np.searchsorted(values, span, side="right") / values.size
    return float(np.abs(empirical - model).max())


def fit_tail(values: Ints, x_max: int, rule: Rule, candidates: int) -> Tail | None:
    """Steps 1 and 2 for positive ``values``; None if too few follow any candidate, or if they are all one value."""
    if values.size < FEWEST:
        return None
    ordered = np.sort(values)
    begins = candidates_of(ordered, candidates)
    begins = begins[begins < ordered[-1]]
    if not begins.size:
        return None
    first = np.searchsorted(ordered, begins)
    after = np.cumsum(np.log(ordered)[::-1])[::-1]
    n = ordered.size - first
    alpha = fit_alpha(after[first] / n, begins, x_max, rule.bounds)
    far = [
        distance(ordered[place:], float(a), int(begin), x_max, rule.ks_to_largest)
        for place, a, begin in zip(first, alpha, begins, strict=True)
    ]
    best = int(np.argmin(far))
    return Tail(float(alpha[best]), int(begins[best]), int(n[best]), far[best])


def goodness(values: Ints, tail: Tail, x_max: int, rule: Rule, n_draws: int, seed: list[int]) -> float:
    """p of step 3."""
    rng = np.random.default_rng(seed)
    body = values[values < tail.x_min]
    top = x_max if rule.reach is None else rule.reach * int(values.max())
    span = np.arange(tail.x_min, top + 1)
    law = np.cumsum((span / tail.x_min) ** -tail.alpha)
    law /= law[-1]
    reached = 0
    for _ in range(n_draws):
        n = rng.binomial(values.size, tail.n / values.size)
        drawn = span[np.searchsorted(law, rng.random(n))]
        below = rng.choice(body, values.size - n) if body.size else body
        found = fit_tail(np.concatenate([below, drawn]), x_max, rule, rule.draw_candidates)
        reached += found is None or found.distance >= tail.distance
    return (reached + rule.add_one) / (n_draws + rule.add_one)
