"""Tests of pairs of domains, from the exchanges of ``wiring``.

1. p of a pair: share of the draws in which R is as large as observed, the observed one counted in. Expected edges are
   the mean of R over the draws plus the observed margins; z is the distance from it in standard deviations.
2. The family is every pair that some exchange might give ``min_edges`` edges, whatever was observed. q is
   Benjamini-Hochberg over it. ``p_any``: share of the draws whose largest z, among pairs with min_edges edges or more,
   reaches the pair's own (Westfall & Young 1993): it holds for all pairs together, and needs no more draws for more.
   For this, the observed wiring is one of the draws that mean and standard deviation are taken of.
3. Order of two domains: whether R of A -> B is further beyond R of B -> A than exchanges make it, in either direction.
   Targets are always later than sources, and sources are chosen: only the difference from exchanges says anything.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.domains.wiring import Wiring
from tasks.statistics.fdr import benjamini_hochberg

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
TIE = 1e-9  # relative; what rounding alone may tell apart


@dataclass(frozen=True)
class PairTests:
    """Figures of all pairs of domains [D, D]: ``n_edges`` is T, ``sd`` that of R; ``family``: those that are tested.

    ``lead`` T - T', ``lead_expected`` and ``lead_p``: the order of the pair.
    """

    n_edges: Floats
    expected: Floats
    sd: Floats
    z: Floats
    p: Floats
    q: Floats
    p_any: Floats
    family: Bools
    lead_expected: Floats
    lead_p: Floats


def pair_tests(wiring: Wiring, min_edges: int, n_draws: int, seed: list[int]) -> PairTests:
    """Steps 1 to 3."""
    n_edges, margins = wiring.counts(wiring.domain), wiring.margins(wiring.domain)
    excess = n_edges - margins
    lead = excess - excess.T
    slack = TIE * (1 + n_edges + margins)
    total, square = np.zeros_like(n_edges), np.zeros_like(n_edges)
    reached, ahead, behind = (np.zeros(n_edges.shape, dtype=np.int64) for _ in range(3))
    for domain in wiring.exchanges(n_draws, seed):
        beyond = wiring.counts(domain) - wiring.margins(domain)
        drawn_lead = beyond - beyond.T
        total += beyond
        square += (beyond - excess) ** 2  # about the observed value: no difference of large sums
        reached += beyond >= excess - slack
        ahead += drawn_lead >= lead - slack - slack.T
        behind += drawn_lead <= lead + slack + slack.T
    mean = total / n_draws
    variance = np.maximum(square / n_draws - (mean - excess) ** 2, 0.0) * n_draws / (n_draws - 1)
    sd = np.where(variance > TIE * (1 + n_edges), np.sqrt(variance), 0.0)
    expected = mean + margins
    family = wiring.attainable() >= min_edges
    p = np.where(family, (1 + reached) / (1 + n_draws), 1.0)
    q = np.ones_like(p)
    q[family] = benjamini_hochberg(p[family])
    z = np.divide(excess - mean, sd, out=np.zeros_like(sd), where=sd > 0)
    return PairTests(
        n_edges=n_edges, expected=expected, sd=sd, z=z, p=p, q=q, family=family,
        p_any=_of_largest(wiring, _Scale.of(mean, variance, excess, n_draws), min_edges, n_draws, seed),
        lead_expected=expected - expected.T,
        lead_p=np.minimum(1.0, 2 * (1 + np.minimum(ahead, behind)) / (1 + n_draws)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    """Mean and standard deviation of R over the draws and the observed wiring, [D, D] each.

    Without the observed one among them, its z would exceed those of draws that the moments were fitted to.
    """

    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, mean: Floats, variance: Floats, excess: Floats, n_draws: int) -> "_Scale":
        """Of moments over the draws alone, and the observed ``excess``."""
        off = excess - mean
        joint = ((n_draws - 1) * variance + off**2 * n_draws / (n_draws + 1)) / n_draws
        return cls(mean + off / (n_draws + 1), np.sqrt(joint))

    def z(self, counts: Floats, beyond: Floats, min_edges: int) -> Floats:
        """z [D, D] of a wiring; -inf where it has too few edges or nothing varies."""
        counted = (counts >= min_edges) & (self.sd > TIE)
        found: Floats = np.divide(beyond - self.mean, self.sd, out=np.full(counts.shape, -np.inf), where=counted)
        return found


def _of_largest(wiring: Wiring, scale: _Scale, min_edges: int, n_draws: int, seed: list[int]) -> Floats:
    """p_any [D, D]: the same draws once more, now that the scale of every pair is known."""

    def z(domain: Ints) -> Floats:
        counts = wiring.counts(domain)
        return scale.z(counts, counts - wiring.margins(domain), min_edges)

    largest = np.sort([z(domain).max(initial=-np.inf) for domain in wiring.exchanges(n_draws, seed)])
    own = z(wiring.domain)
    reached = n_draws - np.searchsorted(largest, own - TIE * np.maximum(np.abs(own), 1), side="left")
    return np.where(own > -np.inf, (1 + reached) / (1 + n_draws), 1.0)
