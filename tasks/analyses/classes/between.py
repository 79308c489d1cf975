"""Whether edges stay within a class more in one study's cells than in another's: its own cells beside others.

1. Both studies number sources and targets alike. Units: sources of the class with edges in both. Of each, what its
   edges have within the class beyond what any source's have (``within.values_of``), here less there.
2. The difference is the mean over sources, a sum over targets of the class: an exchange of classes among targets of one
   bin, the same in both studies, is one draw (``matched_sum``). Flips of the signs of what each source has beyond its
   expectation are the second null; p is the larger of the two, as in ``within``.

What the class has in both studies cancels. With fewer cells more edges are chance, which shrinks a share: trace equally
many cells in both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.classes.within import Wired, chances, p_of_sources, values_of
from tasks.statistics.matched_sum import MatchedSum

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Between:
    """Mean ``shares`` of edges within the class here and there, their ``difference`` beyond readiness, both p."""

    shares: tuple[float, float]
    difference: float
    expect: float
    sd: float
    p_exchanged: float
    p_sources: float

    @property
    def p(self) -> float:
        """The larger of both."""
        return max(self.p_exchanged, self.p_sources)


def sources_of(own: Wired, other: Wired, one: int) -> Ints:
    """Sources of class ``one`` with edges in both."""
    return np.intersect1d(own.with_edges(one), other.with_edges(one))


def between_studies(own: Wired, other: Wired, one: int, bins: Ints, n_draws: int, seed: list[int]) -> Between:
    """Steps 1 and 2, of a class with sources in both studies, and targets; ``bins`` [T] of targets."""
    sources, members = sources_of(own, other, one), np.flatnonzero(own.target_class == one)
    values = values_of(own, sources) - values_of(other, sources)
    tested = MatchedSum(values.mean(axis=0), members, bins, n_draws, seed)
    excess = values[:, members].sum(axis=1) - values @ chances(own, one, bins)
    return Between(
        (_share(own, one, sources), _share(other, one, sources)),
        tested.observed,
        tested.expect,
        tested.sd,
        tested.p,
        p_of_sources(excess, n_draws, seed),
    )


def _share(wired: Wired, one: int, sources: Ints) -> float:
    reached = wired.target_class[wired.target] == one
    return float((np.bincount(wired.source, reached, wired.source_class.size)[sources] / wired.n_out[sources]).mean())
