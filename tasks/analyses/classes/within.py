"""Edges that stay within a class of features, beside targets whose classes are exchanged.

Edges from source layer s to target layer t make group g = (s, t), of E_g edges, of which m_gt reach target t. Source s
has n_sg edges into g and n_s in all; S sources of class c have an edge.

1. A source's share is n_s(c) / n_s, its edges into targets of its class over all of its edges. The statistic of a class
   is the mean over its sources: the unit is the source, and one with a thousand edges counts once.
2. What targets of the class get from sources of any class is taken off: R_c = mean over s of
   [n_s(c) - sum_g n_sg m_g(c) / E_g] / n_s. Otherwise targets that answer anything would make a class look wired.
3. R_c is a sum over the targets of the class of values that do not depend on classes of targets, so an exchange of
   classes among targets of one bin (layer, firing frequency, number of terms) is one draw of a matched sum.
4. The exchange takes targets for the units. If features of a class lie close together, and sources like what lies
   together, that is not enough: ``p_sources`` flips the signs of what each source has beyond its expectation. p is the
   larger of the two, so that it holds where either does (Berger & Hsu 1996).
5. Interval: the 95 % of ``R_c - expected`` over bootstrap draws of sources. It says how much rests on single sources.
6. ``p_edges``, as published tests count: Fisher's test of source in the class against target in the class, every edge
   by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from tasks.statistics.bootstrap import bootstrap
from tasks.statistics.matched_sum import MatchedSum
from tasks.statistics.matching import finest_bins
from tasks.statistics.null_draws import NullDraws
from tasks.statistics.signs import draw_signs, enumerate_signs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NO_CLASS = -1
BOOTSTRAPS = 499


@dataclass(frozen=True)
class Wired:
    """E edges: ``group``, ``source`` and ``target`` [E] by number.

    ``source_class`` [S] and ``target_class`` [T]: the class of every source and target, or NO_CLASS; ``layer`` [T] and
    ``covariates`` [T, 2] of targets.
    """

    group: Ints
    source: Ints
    target: Ints
    source_class: Ints
    target_class: Ints
    layer: Ints
    covariates: Floats

    @property
    def n_out(self) -> Ints:
        """Edges of every source [S]."""
        return np.bincount(self.source, minlength=self.source_class.size)

    def with_edges(self, one: int) -> Ints:
        """Sources of class ``one`` that have an edge."""
        return np.flatnonzero((self.source_class == one) & (self.n_out > 0))


@dataclass(frozen=True)
class Within:
    """Of a class: ``share`` of a source's edges that stay within it and what to ``expect``, means over sources.

    ``low`` and ``high``: of share less expect. ``p_exchanged``, ``p_sources`` and ``p_edges``: steps 3, 4 and 6.
    """

    share: float
    expect: float
    sd: float
    low: float
    high: float
    p_exchanged: float
    p_sources: float
    p_edges: float

    @property
    def p(self) -> float:
        """The larger of both."""
        return max(self.p_exchanged, self.p_sources)


def bins_of(wired: Wired, most: int) -> Ints:
    """The bin of every target [T], numbered on over layers: the finest that leave edges another target in theirs."""
    bins = np.zeros(wired.layer.size, dtype=np.int64)
    first = 0
    for layer in np.unique(wired.layer):
        own = np.flatnonzero(wired.layer == layer)
        place = np.full(wired.layer.size, -1, dtype=np.int64)
        place[own] = np.arange(own.size)
        reached = place[wired.target]
        bins[own] = first + finest_bins(reached[reached >= 0], wired.covariates[own], most)[0]
        first = int(bins[own].max()) + 1
    return bins


def values_of(wired: Wired, sources: Ints) -> Floats:
    """Step 3: what each target adds to R, were it of the class of ``sources``, source by source: [S', T]."""
    n_groups, n_targets = int(wired.group.max(initial=-1)) + 1, wired.layer.size
    into = np.zeros((n_groups, n_targets))
    np.add.at(into, (wired.group, wired.target), 1.0)
    into /= np.maximum(into.sum(axis=1, keepdims=True), 1.0)
    place = np.full(wired.source_class.size, -1, dtype=np.int64)
    place[sources] = np.arange(sources.size)
    own = place[wired.source] >= 0
    row, group, target = place[wired.source[own]], wired.group[own], wired.target[own]
    found, out = np.zeros((sources.size, n_targets)), np.zeros((sources.size, n_groups))
    np.add.at(found, (row, target), 1.0)
    np.add.at(out, (row, group), 1.0)
    values: Floats = (found - out @ into) / out.sum(axis=1, keepdims=True)
    return values


def within_class(wired: Wired, one: int, bins: Ints, n_draws: int, seed: list[int]) -> Within:
    """Steps 1 to 6, of a class with sources that have edges, and targets."""
    sources, members = wired.with_edges(one), np.flatnonzero(wired.target_class == one)
    values = values_of(wired, sources)
    tested = MatchedSum(values.mean(axis=0), members, bins, n_draws, seed)
    reached = wired.target_class[wired.target] == one
    share = (np.bincount(wired.source, reached, wired.source_class.size)[sources] / wired.n_out[sources]).mean()
    excess = values[:, members].sum(axis=1) - values @ chances(wired, one, bins)
    drawn = bootstrap(lambda rows: excess[rows].mean(keepdims=True), np.arange(sources.size), BOOTSTRAPS, seed)
    low, high = drawn.interval(method="percentile")
    return Within(
        share=float(share),
        expect=float(share - tested.observed + tested.expect),
        sd=tested.sd,
        low=float(low[0]),
        high=float(high[0]),
        p_exchanged=tested.p,
        p_sources=p_of_sources(excess, n_draws, seed),
        p_edges=p_of_edges(wired.source_class[wired.source] == one, reached),
    )


def p_of_sources(excess: Floats, n_draws: int, seed: list[int]) -> float:
    """Step 4, two-sided, of the ``excess`` [S'] of every source; exact if all flips are few enough."""
    exact = 2 ** (excess.size - 1) <= n_draws
    signs = enumerate_signs(excess.size) if exact else draw_signs(excess.size, n_draws, seed)
    return float(NullDraws(excess.sum(keepdims=True), signs @ excess[:, None], exact).p("two-sided")[0])


def p_of_edges(leaves: NDArray[np.bool_], reaches: NDArray[np.bool_]) -> float:
    """Step 6: one-sided."""
    both, neither = int((leaves & reaches).sum()), int((~leaves & ~reaches).sum())
    table = [[both, int((leaves & ~reaches).sum())], [int((~leaves & reaches).sum()), neither]]
    return float(fisher_exact(table, alternative="greater")[1])


def chances(wired: Wired, one: int, bins: Ints) -> Floats:
    """Chance of every target [T] to be of class ``one`` after an exchange."""
    size = np.maximum(np.bincount(bins), 1)
    found: Floats = (np.bincount(bins, wired.target_class == one) / size)[bins]
    return found
