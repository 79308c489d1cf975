"""Where domains stand in the model and in the graph of domains, beside exchanged targets (``wiring``).

1. Depth of a layer: (layer + 1) / number of layers. A domain's depth as a target is its mean over the edges that reach
   it. Exchanges stay within layers, so what they give knows in which layers the domain has features and how many edges
   reach each layer; how deep sources stand is what the study chose, and is not tested.
2. PageRank (Brin & Page 1998), damping 0.85, of the graph whose edge from A to B weighs T_AB, A and B different; a
   domain without a way out goes anywhere. It is stopped after ``STEPS`` steps, or once less than SETTLED is moved.
   Unlike ``pairs``, it takes nothing off: a domain whose targets answer any source more readily leads for that alone.
3. Circles: pairs with ``min_edges`` edges or more in both directions; strongly connected components of those pairs. No
   model of layers feeds anything back: label X in layers 0 and 5 and label Y in 5 and 11 make a circle.
4. p is two-sided, by the distance from the mean of all draws and the observed wiring. q is Benjamini-Hochberg.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from tasks.analyses.domains.wiring import Wiring
from tasks.statistics.null_draws import NullDraws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAMPING, STEPS, SETTLED = 0.85, 200, 1e-10
DIGITS = 8  # what differs by less differs by rounding alone, or by where PageRank was stopped
LOOPS = ("reciprocal_pairs", "largest_component")


@dataclass(frozen=True)
class Tested:
    """``observed`` [T], its mean over exchanges, their ``sd`` and two-sided ``p``: all [T]."""

    observed: Floats
    expected: Floats
    sd: Floats
    p: Floats

    @classmethod
    def of(cls, observed: Floats, drawn: Floats) -> "Tested":
        """Of draws [B, T]; where one has no value (NaN), it counts as far off."""
        every = np.vstack([drawn, observed[None]])
        mean = NullDraws(observed, every).mean
        draws = NullDraws(observed, drawn)
        off = NullDraws(np.round(observed - mean, DIGITS), np.round(drawn - mean, DIGITS))
        return cls(observed, draws.mean, np.nan_to_num(draws.sd), off.p("two-sided"))


@dataclass(frozen=True)
class Places:
    """Of D domains: depth as a target (NaN without an edge), PageRank; LOOPS; ``component`` [D] of the graph."""

    depth: Tested
    rank: Tested
    loops: Tested
    component: Ints


def place_domains(wiring: Wiring, depth: Floats, min_edges: int, n_draws: int, seed: list[int]) -> Places:
    """Steps 1 to 4; ``depth`` [P] of every target of the pool."""
    observed = _measures(wiring, wiring.domain, depth, min_edges)
    drawn = [_measures(wiring, domain, depth, min_edges) for domain in wiring.exchanges(n_draws, seed)]
    tested = [Tested.of(own, np.stack(draws)) for own, draws in zip(observed, zip(*drawn, strict=True), strict=True)]
    counts = wiring.counts(wiring.domain)
    return Places(tested[0], tested[1], tested[2], _components(_joined(counts, min_edges)))


def _measures(wiring: Wiring, domain: Ints, depth: Floats, min_edges: int) -> tuple[Floats, Floats, Floats]:
    """Depth [D], PageRank [D] and LOOPS [2] if the pool's domains were ``domain`` [P]."""
    counts = wiring.counts(domain)
    reached = domain[wiring.target]
    total = np.bincount(reached, wiring.n, wiring.n_domains)
    sums = np.bincount(reached, wiring.n * depth[wiring.target], wiring.n_domains)
    mean = np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0)
    joined = _joined(counts, min_edges)
    both = float((joined & joined.T).sum()) / 2
    largest = float(np.bincount(_components(joined), minlength=1).max(initial=0))
    return mean, pagerank(counts), np.array([both, largest if largest > 1 else 0.0])


def pagerank(counts: Floats) -> Floats:
    """Step 2, of counts [D, D]: [D], its sum 1."""
    size = len(counts)
    weight = counts.copy()
    np.fill_diagonal(weight, 0.0)
    out = weight.sum(axis=1)
    onwards = csr_matrix((weight / np.where(out > 0, out, 1.0)[:, None]).T)
    rank = np.full(size, 1 / max(size, 1))
    for _ in range(STEPS):
        moved = DAMPING * (onwards @ rank + rank[out == 0].sum() / size) + (1 - DAMPING) / size
        settled = np.abs(moved - rank).sum() < SETTLED
        rank = moved
        if settled:
            break
    return rank


def _joined(counts: Floats, min_edges: int) -> NDArray[np.bool_]:
    """Pairs of different domains with enough edges [D, D]."""
    joined: NDArray[np.bool_] = counts >= min_edges
    np.fill_diagonal(joined, False)
    return joined


def _components(joined: NDArray[np.bool_]) -> Ints:
    """The strongly connected component of every domain [D]."""
    found = connected_components(csr_matrix(joined), directed=True, connection="strong")[1]
    return np.asarray(found, dtype=np.int64)
