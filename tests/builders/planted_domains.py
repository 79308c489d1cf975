"""Studies of labelled features whose edges are drawn at random, or prefer targets of one domain.

Features are labelled by domain, some domains far more common than others; sources are chosen from few domains. Targets
differ in how often they fire and how readily they answer; neither has anything to do with their domain, unless common
domains are made to answer more readily.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tasks.analyses.domains.edges import StudyEdges
from tasks.analyses.domains.graph import Graph

SAES = {0: "sae-0", 1: "sae-1", 2: "sae-2"}


@dataclass(frozen=True)
class World:
    """How large a planted study is."""

    n_features: int = 120
    n_domains: int = 8
    n_sources: int = 16
    n_edges: int = 12  # of a source into a layer
    labelled: float = 0.7


def domain_name(number: int) -> str:
    """The name of a domain."""
    return f"GO::{chr(65 + number)}"


def plant_domains(
    seed: int,
    prefer: dict[int, int] | None = None,
    strength: float = 0.0,
    readiness: float = 0.0,
    world: World = World(),
    saes: dict[int, str] = SAES,
) -> Graph:
    """A study whose sources of domain A take a share ``strength`` of their edges into targets of ``prefer[A]``.

    ``readiness``: how much more readily targets of the first domain answer any source, in units of the log weight.
    """
    rng, layers = np.random.default_rng([seed, 11]), sorted(saes)
    weight = 1 / (1 + np.arange(world.n_domains))
    label = {
        layer: np.where(
            rng.random(world.n_features) < world.labelled,
            rng.choice(world.n_domains, world.n_features, p=weight / weight.sum()),
            -1,
        )
        for layer in layers
    }
    frequency = {layer: rng.lognormal(-4, 1, world.n_features) for layer in layers}
    terms = {layer: np.where(label[layer] >= 0, rng.integers(1, 6, world.n_features), 0) for layer in layers}
    edges = []
    for place, source_layer in enumerate(layers[:-1]):
        chosen = rng.choice(world.n_features, world.n_sources, replace=False, p=_rich(terms[source_layer]))
        for target_layer in layers[place + 1 :]:
            answer = np.log(frequency[target_layer]) * 0.5 + rng.normal(0, 0.5, world.n_features)
            answer += readiness * (label[target_layer] == 0)
            for source in chosen:
                wanted = (prefer or {}).get(int(label[source_layer][source]), -2)
                own = _targets(rng, answer, label[target_layer] == wanted, world.n_edges, strength)
                edges += [(source_layer, source, target_layer, target, rng.normal()) for target in own]
    return Graph(
        "calibrated", _edges(edges), _features(frequency, terms, saes), _pool(world, layers), {"term": _domains(label)}
    )


def _rich(terms: np.ndarray) -> np.ndarray:
    weight = 1.0 + terms**2
    return weight / weight.sum()


def _targets(rng: np.random.Generator, answer: np.ndarray, liked: np.ndarray, n: int, strength: float) -> np.ndarray:
    """Distinct targets, of which about ``strength`` are among the ``liked``."""
    chance = np.exp(answer - answer.max())
    if strength and liked.any():
        chance = (1 - strength) * chance / chance.sum() + strength * (chance * liked) / (chance * liked).sum()
    return rng.choice(answer.size, n, replace=False, p=chance / chance.sum())


def _edges(rows: list[tuple[int, int, int, int, float]]) -> pl.DataFrame:
    names = ["source_layer", "source_feature", "target_layer", "target_feature", "g"]
    types = [pl.UInt16, pl.UInt32, pl.UInt16, pl.UInt32, pl.Float32]
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row").sort(names[:4])


def _features(frequency: dict[int, np.ndarray], terms: dict[int, np.ndarray], saes: dict[int, str]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(
            {
                "layer": pl.Series([layer] * own.size, dtype=pl.UInt16),
                "sae_id": [saes[layer]] * own.size,
                "feature": pl.Series(np.arange(own.size), dtype=pl.UInt32),
                "frequency": own,
                "n_terms": pl.Series(terms[layer], dtype=pl.UInt32),
            }
        )
        for layer, own in frequency.items()
    )


def _pool(world: World, layers: list[int]) -> pl.DataFrame:
    ends = [(layer, feature) for layer in layers[1:] for feature in range(world.n_features)]
    return pl.DataFrame(ends, schema={"layer": pl.UInt16, "feature": pl.UInt32}, orient="row")


def _domains(label: dict[int, np.ndarray]) -> pl.DataFrame:
    rows = [
        (layer, feature, domain_name(int(own[feature])))
        for layer, own in label.items()
        for feature in np.flatnonzero(own >= 0)
    ]
    return pl.DataFrame(rows, schema={"layer": pl.UInt16, "feature": pl.UInt32, "domain": pl.String}, orient="row")


def edges_of(graph: Graph) -> StudyEdges:
    """The edges of a planted study without what its features are about; its sources are those with edges."""
    ends = graph.edges.select(layer="source_layer", feature="source_feature").unique().sort("layer", "feature")
    return StudyEdges(graph.criterion, graph.edges, graph.features, graph.pool, ends)
