"""How many edges join domains that are not known to be linked, beside how many do once targets are exchanged.

Most pairs of domains are linked by nothing, so most edges are "novel" whatever they are. Only the distance from
exchanged targets (``domains.wiring``) says something: below it, edges follow what is known; above it, they avoid it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.domains.wiring import Wiring
from tasks.statistics.null_draws import NullDraws


@dataclass(frozen=True)
class NovelShare:
    """Edges between different domains, those without a known link, and their share beside exchanged targets."""

    n_edges: int
    n_novel: int
    draws: NullDraws

    @property
    def expected(self) -> float:
        """Mean share over the exchanges; NaN if there is no edge."""
        return float(self.draws.mean[0])

    @property
    def p(self) -> float:
        """Two-sided: shares as far from the mean of all wirings, the observed one among them."""
        every = np.append(self.draws.values[:, 0], self.draws.observed)
        off = NullDraws(self.draws.observed - every.mean(), self.draws.values - every.mean())
        return float(off.p("two-sided")[0])


def novel_share(wiring: Wiring, unknown: NDArray[np.bool_], n_draws: int, seed: list[int]) -> NovelShare:
    """Of ``unknown`` [D, D]: pairs of different domains that no link joins."""
    apart = ~np.eye(wiring.n_domains, dtype=bool)
    own = _counted(wiring, wiring.domain, apart)
    observed = _counted(wiring, wiring.domain, unknown)
    drawn = []
    for domain in wiring.exchanges(n_draws, seed):
        total = _counted(wiring, domain, apart)
        drawn.append(_counted(wiring, domain, unknown) / total if total else np.nan)
    share = observed / own if own else np.nan
    return NovelShare(int(own), int(observed), NullDraws(np.array([share]), np.array(drawn)[:, None]))


def _counted(wiring: Wiring, domain: NDArray[np.int64], chosen: NDArray[np.bool_]) -> float:
    """Edges between the chosen pairs of domains, if the pool's domains were ``domain`` [P]."""
    return float(wiring.n @ chosen[wiring.source, domain[wiring.target]])
