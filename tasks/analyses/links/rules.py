"""What makes a pair of features of two layers a link, and a feature with links one with a highway, by each rule.

Let n_a, n_b and n_ab count firings and joint firings among N positions, PMI = log2(n_ab N / (n_a n_b)).

``given_gene``, ``given_gene_and_label``: q <= alpha given the stratum (``codes.pair_tests``).
Highway: n_ab >= min_both.
``published_geneformer``: n_a, n_b >= 100 among at most 500,000 positions, n_ab >= 1; the 50 largest PMI of each a.
Highway: PMI > 3. Two features at the floor have PMI 5.6 by one coincidence.
``published_scgpt``: n_ab >= 20 and PMI >= 3. Highway: PMI > 3.

Each rule is applied to the joint firings expected given the gene as well. Features whose genes alone give them a
highway are what the published rules mostly find.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.links.step import LinksSettings
from tasks.codes.pair_tests import Association, strongest_pairs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PUBLISHED_POSITIONS, PUBLISHED_SEED = 500_000, 42
LEAST_FIRES, BEST = 100, 50  # published_geneformer
SCGPT_BOTH = 20
HIGHWAY_PMI = 3.0


@dataclass(frozen=True)
class Links:
    """Links ``first`` (of the source), ``second``, their ``strength`` to rank by and ``q`` (or None), all [m].

    ``highway`` [m]: those that make their source a feature with a highway. ``n_links`` counts those left out, too;
    ``by_gene`` counts sources that would have a highway if all joint firings were as expected.
    """

    first: Ints
    second: Ints
    strength: Floats
    q: Floats | None
    highway: NDArray[np.bool_]
    n_links: int
    by_gene: int


def links_given_stratum(found: Association, settings: LinksSettings) -> Links:
    """Links given the stratum, at most ``max_links``: those of smallest q, and of largest z among equals."""
    pairs, n_links = strongest_pairs(found, settings.alpha, settings.max_links)
    first, second = pairs.first, pairs.second
    highway = found.both[first, second] >= settings.min_both
    strength = found.z(first, second)
    return Links(first, second, strength, pairs.q, highway, n_links, by_gene=0)  # the expected is never significant


def geneformer_links(found: Association, n_positions: int) -> Links:
    """The rule of the published Geneformer atlas."""
    frequent = _frequent(found)
    first, second = np.nonzero((found.both >= 1) & frequent)
    pmi = found.pmi(first, second, n_positions)
    order = np.lexsort((second, -pmi, first))
    rank = np.arange(order.size) - np.searchsorted(first[order], first[order])
    best = np.sort(order[rank < BEST])
    chance = _expected_pmi(found, n_positions, frequent & (found.null.mean >= 1))
    kept = pmi[best]
    return Links(first[best], second[best], kept, None, kept > HIGHWAY_PMI, pmi.size, _with_highway(chance))


def scgpt_links(found: Association, n_positions: int) -> Links:
    """The rule of the published scGPT atlas."""
    first, second = np.nonzero(found.both >= SCGPT_BOTH)
    pmi = found.pmi(first, second, n_positions)
    linked = pmi >= HIGHWAY_PMI
    chance = _expected_pmi(found, n_positions, found.null.mean >= SCGPT_BOTH)
    kept = pmi[linked]
    return Links(first[linked], second[linked], kept, None, kept > HIGHWAY_PMI, kept.size, _with_highway(chance))


def _frequent(found: Association) -> NDArray[np.bool_]:
    first, second = (fires >= LEAST_FIRES for fires in found.fires)
    frequent: NDArray[np.bool_] = first[:, None] & second
    return frequent


def _expected_pmi(found: Association, n_positions: int, counted: NDArray[np.bool_]) -> Floats:
    """PMI of the expected joint firings [A, B], -inf where they are not ``counted``."""
    first, second = (fires.astype(np.float64) for fires in found.fires)
    ratio = np.divide(
        found.null.mean * n_positions, first[:, None] * second, out=np.zeros(counted.shape), where=counted
    )
    with np.errstate(divide="ignore"):
        pmi: Floats = np.log2(ratio)
    return pmi


def _with_highway(pmi: Floats) -> int:
    return int((pmi > HIGHWAY_PMI).any(axis=1).sum())
