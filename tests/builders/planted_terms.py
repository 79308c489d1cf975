"""Annotated features of two layers and edges between them: wired at random, or by what the ends are about."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.analyses.coherence.work import Described

N_SOURCES, N_RICH, N_TARGETS, N_TERMS, N_EDGES = 300, 30, 400, 800, 900


@dataclass(frozen=True)
class Planted:
    """Two layers, ``edges`` between them, and terms of every feature as sets, to count by hand."""

    pair: tuple[Described, Described]
    edges: pl.DataFrame
    terms: tuple[dict[int, set[str]], dict[int, set[str]]]


def plant_terms(seed: int, by_size: float = 0.0, by_term: float = 0.0) -> Planted:
    """Sources are the N_RICH features of their layer with most terms, as a published choice of sources makes them.

    Targets are drawn in proportion to (number of terms)^``by_size`` x frequency^``by_size``; a share ``by_term`` of
    edges is drawn among the targets that share a term with the source.
    """
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, N_TERMS + 1) ** 0.5
    layers = [_layer(rng, n, popularity / popularity.sum()) for n in (N_SOURCES, N_TARGETS)]
    (terms, _), (other, frequency) = layers
    rich = sorted(terms, key=lambda feature: -len(terms[feature]))[:N_RICH]
    size = np.array([len(other[target]) for target in range(N_TARGETS)])
    weight = (size * frequency) ** by_size
    alike = {one: np.array([bool(terms[one] & other[target]) for target in range(N_TARGETS)]) for one in rich}
    offered = {one: [_cumulated(weight), _cumulated(weight * alike[one])] for one in rich}
    edges = set()
    while len(edges) < N_EDGES:
        source = int(rng.choice(rich))
        edges.add((source, int(np.searchsorted(offered[source][int(rng.random() < by_term)], rng.random()))))
    frame = pl.DataFrame(sorted(edges), schema=["source_feature", "target_feature"], orient="row")
    described = tuple(_described(own, fires) for own, fires in layers)
    return Planted(described, frame, (terms, other))


def _cumulated(weight: np.ndarray) -> np.ndarray:
    total = np.cumsum(weight)
    return total / total[-1]


def _layer(rng: np.random.Generator, n: int, popularity: np.ndarray) -> tuple[dict[int, set[str]], np.ndarray]:
    """Terms of every feature, a few for most and many for some, and frequencies that grow with their number."""
    size = np.clip(rng.lognormal(1.0, 1.0, n).astype(int), 1, 60)
    terms = {
        feature: {f"t{term}" for term in rng.choice(N_TERMS, number, replace=False, p=popularity)}
        for feature, number in enumerate(size)
    }
    return terms, np.exp(rng.normal(-4, 0.7, n)) * np.sqrt(size)


def _described(terms: dict[int, set[str]], frequency: np.ndarray) -> Described:
    rows = [(feature, "go" if int(term[1:]) % 2 else "kegg", term) for feature, own in terms.items() for term in own]
    features = pl.DataFrame({"feature": np.arange(frequency.size), "frequency": frequency})
    return Described(pl.DataFrame(rows, schema=["feature", "library", "term"], orient="row"), features)
