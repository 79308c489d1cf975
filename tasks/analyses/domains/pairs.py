"""Tests of pairs of domains, from the exchanges of ``wiring``.

1. p of a pair: share of the draws in which R is as large as observed, the observed one counted in. Expected edges are
   the mean of R over the draws plus the observed margins; z is the distance from it in standard deviations.
2. The family is every pair that some exchange might give ``min_edges`` edges, whatever was observed. q is
   Benjamini-Hochberg over it. ``p_any``: share of the draws whose largest z, among pairs with min_edges edges or more,
   reaches the pair's own (Westfall & Young 1993): it holds for all pairs together, and needs no more draws for more.
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
        p_any=_of_largest(wiring, (mean, sd), np.where(n_edges >= min_edges, z, -np.inf), min_edges, n_draws, seed),
        lead_expected=expected - expected.T,
        lead_p=np.minimum(1.0, 2 * (1 + np.minimum(ahead, behind)) / (1 + n_draws)),
    )  # fmt: skip


def _of_largest(
    wiring: Wiring, moments: tuple[Floats, Floats], z: Floats, min_edges: int, n_draws: int, seed: list[int]
) -> Floats:
    """p_any: the same draws once more, now that the mean and the standard deviation of every pair are known."""
    mean, sd = moments
    largest = np.empty(n_draws)
    for number, domain in enumerate(wiring.exchanges(n_draws, seed)):
        drawn = wiring.counts(domain)
        counted = (drawn >= min_edges) & (sd > 0)
        beyond = drawn[counted] - wiring.margins(domain)[counted]
        largest[number] = ((beyond - mean[counted]) / sd[counted]).max(initial=-np.inf)
    ascending = np.sort(largest)
    reached = n_draws - np.searchsorted(ascending, z - TIE * np.maximum(np.abs(z), 1), side="left")
    found: Floats = (1 + reached) / (1 + n_draws)
    return found
