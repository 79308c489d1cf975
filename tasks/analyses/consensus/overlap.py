"""Pairs of domains that edges join in two studies, and how many would be by chance.

Let G and S be the ordered pairs of domains with an edge here and there. Observed: how many are in both.

``exchanged``  targets are exchanged among features like them (``wiring``) in each study by itself, sources and their
               numbers of edges kept: what two studies share because the same labels are common, or common among
               sources, is shared by chance as well.
``published``  the names of all domains of S are dealt anew, those of G are not. Random wiring of the same sources is
               14 to 19 times "enriched" under it, since which labels are sources, and how common each is, is lost.

A pair is in both beyond chance if it is so in each: p is the larger of both p (Berger 1982), and q is over the pairs of
both families.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.domains.pairs import PairTests, pair_tests
from tasks.analyses.domains.step import DomainChoice
from tasks.analyses.domains.wiring import Wiring
from tasks.statistics.fdr import benjamini_hochberg
from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
PUBLISHED_DRAWS, PUBLISHED_SEED = 1000, 42


@dataclass(frozen=True)
class Overlap:
    """Pairs with an edge in either study and in both, and the draws of the number in both."""

    n_own: int
    n_other: int
    n_both: int
    draws: NullDraws


@dataclass(frozen=True)
class Consensus:
    """Overlaps by null, tests of both studies, and p and q [D, D] of being joined in both."""

    overlaps: dict[str, Overlap]
    own: PairTests
    other: PairTests
    p: Floats
    q: Floats


def compare(settings: DomainChoice, own: tuple[Wiring, PairTests], other: Wiring, number: int) -> Consensus:
    """This study beside the other one with that ``number``, from 1; both number domains alike."""
    wiring, tests = own
    seed = [settings.seed, number]
    there = pair_tests(other, settings.min_edges, settings.n_draws, seed)
    overlaps = {
        "exchanged": exchanged_overlap(wiring, other, settings.n_draws, seed),
        "published": published_overlap(wiring, other),
    }
    return Consensus(overlaps, tests, there, *pair_q(tests, there))


def exchanged_overlap(own: Wiring, other: Wiring, n_draws: int, seed: list[int]) -> Overlap:
    """Targets exchanged in both studies, which number domains alike."""
    pairs = zip(own.exchanges(n_draws, [*seed, 0]), other.exchanges(n_draws, [*seed, 1]), strict=True)
    drawn = [np.count_nonzero((own.counts(one) > 0) & (other.counts(two) > 0)) for one, two in pairs]
    return _overlap(own.counts(own.domain) > 0, other.counts(other.domain) > 0, np.array(drawn, dtype=np.float64))


def published_overlap(own: Wiring, other: Wiring) -> Overlap:
    """The names of the other study's domains dealt anew."""
    joined, there = own.counts(own.domain) > 0, other.counts(other.domain) > 0
    used = np.flatnonzero(there.any(axis=0) | there.any(axis=1))
    source, target = (np.searchsorted(used, end) for end in np.nonzero(there))
    rng = np.random.default_rng(PUBLISHED_SEED)
    names = (rng.permutation(used) for _ in range(PUBLISHED_DRAWS))
    return _overlap(joined, there, np.array([joined[name[source], name[target]].sum() for name in names], dtype=float))


def _overlap(joined: NDArray[np.bool_], there: NDArray[np.bool_], drawn: Floats) -> Overlap:
    both = int(np.count_nonzero(joined & there))
    return Overlap(int(joined.sum()), int(there.sum()), both, NullDraws(np.array([float(both)]), drawn[:, None]))


def published_p(found: Overlap) -> float:
    """Share of the draws with as many pairs in both; 0 where none has."""
    return float(np.mean(found.draws.values[:, 0] >= found.draws.observed[0]))


def pair_q(own: PairTests, other: PairTests) -> tuple[Floats, Floats]:
    """p and q [D, D] of being joined beyond chance in both studies; 1 outside of both families."""
    p = np.maximum(own.p, other.p)
    family = own.family & other.family
    q = np.ones_like(p)
    q[family] = benjamini_hochberg(p[family])
    return np.where(family, p, 1.0), q
