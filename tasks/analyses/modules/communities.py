"""Communities of the graph: one consensus of many runs, and how far they are from what degrees alone give.

1. Leiden (Traag et al. 2019, doi:10.1038/s41598-019-41695-z) on the Reichardt-Bornholdt configuration objective, run
   until nothing improves, ``seeds`` times at each resolution. No single run is to be trusted: others have other ones.
2. Co-assignment of two features: the share of runs that put them together. Groups are those of average linkage in
   which two features are together in half of the runs or more, on average (after Lancichinetti & Fortunato 2012).
   Parts of a group that no pair joins are groups of their own.
3. Groups of at least three features are modules, numbered from 1, largest first, ties by their first feature. The
   stability of a module is the mean co-assignment of its pairs. A feature that a single pair holds to all others (it
   is not in the graph's 2-core) has no module: one pair in twenty may be false, and would draw noise into modules.
4. The modularity (Newman 2006, weighted, resolution 1) of the communities that one run finds stands beside that of
   networks in which every feature keeps the number of its pairs (``statistics.switching``), weights dealt out anew.
   Any network has communities by that measure; only what lies beyond the spread of these is structure. The modules
   themselves are no partition of largest modularity, and would stand below networks of chance.

Rules ``cells`` and ``published`` are single runs at resolution 1, by the library and seed of their programs.
"""

from dataclasses import dataclass

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from tasks.analyses.modules.graph import Graph
from tasks.analyses.modules.step import ModulesSettings
from tasks.statistics.communities import SMALLEST, by_size, single_run, weighted_graph
from tasks.statistics.igraph_random import seeded_igraph
from tasks.statistics.switching import switch_edges

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HALF = 0.5
CORE = 2
PUBLISHED_SEED = 42
DECIMALS = 9


@dataclass(frozen=True)
class Partition:
    """``modules``: members of each, ascending, as indices of the graph's features; ``stability`` of each, or None.

    ``null``: modularity of every rewired network [rewirings].
    """

    modules: list[list[int]]
    stability: list[float | None]
    modularity: float
    null: Floats

    @property
    def null_modularity(self) -> float:
        """Mean over rewired networks; 0 without any."""
        return round(float(self.null.mean()), DECIMALS) if self.null.size else 0.0

    @property
    def null_sd(self) -> float | None:
        """Standard deviation (n - 1) over rewired networks; None below two."""
        return round(float(self.null.std(ddof=1)), DECIMALS) if self.null.size > 1 else None


def partition(graph: Graph, settings: ModulesSettings) -> Partition:
    """Steps 1 to 4; nothing if no features are joined."""
    if graph.pairs.is_empty():
        return Partition([], [], 0.0, np.zeros(0))
    joined = weighted_graph(graph.features.size, graph.ends, graph.pairs["weight"].to_numpy())
    if settings.rule in ("cells", "published"):
        modules = by_size(single_run(joined, 1.0, PUBLISHED_SEED if settings.rule == "published" else settings.seed))
        stability: list[float | None] = [None] * len(modules)
    else:
        linked = np.flatnonzero(np.array(joined.coreness()) >= CORE)
        together = co_assignment(joined, linked, settings)
        core = joined.induced_subgraph(linked.tolist())
        groups = [part for own in by_size(consensus(together)) for part in connected(core, own)]
        groups.sort(key=lambda members: (-len(members), members[0]))
        modules = [linked[own].tolist() for own in groups]
        stability = [_mean_together(together, own) for own in groups]
    return Partition(modules, stability, best_modularity(joined, settings.seed), null_modularities(graph, settings))


def co_assignment(joined: igraph.Graph, linked: Ints, settings: ModulesSettings) -> Floats:
    """Share of the runs that put two of the nodes ``linked`` [L] together: [L, L]."""
    together = np.zeros((linked.size, linked.size), dtype=np.int32)
    for resolution in settings.resolutions:
        for seed in range(settings.seeds):
            labels = leiden(joined, resolution, settings.seed + seed)[linked]
            together += labels[:, None] == labels
    shares: Floats = together / (len(settings.resolutions) * settings.seeds)
    return shares


def leiden(joined: igraph.Graph, resolution: float, seed: int) -> Ints:
    """The community of every node in one run: [U]. igraph's own, ten times as fast as leidenalg."""
    with seeded_igraph(seed):
        found = joined.community_leiden("modularity", weights="weight", resolution=resolution, n_iterations=-1)
    return np.array(found.membership, dtype=np.int64)


def consensus(together: Floats) -> Ints:
    """Step 2: the group of every node, of their co-assignment: [L, L] -> [L]."""
    if len(together) < 2:
        return np.zeros(len(together), dtype=np.int64)
    tree = linkage(squareform(1.0 - together, checks=False), method="average")
    groups: Ints = fcluster(tree, HALF, criterion="distance").astype(np.int64)
    return groups


def connected(joined: igraph.Graph, members: list[int]) -> list[list[int]]:
    """The parts of a group that its own pairs hold together, of at least three members."""
    parts = joined.induced_subgraph(members).connected_components()
    return [[members[place] for place in part] for part in parts if len(part) >= SMALLEST]


def modularity(joined: igraph.Graph, modules: list[list[int]]) -> float:
    """Weighted modularity at resolution 1; features outside of modules are communities of their own."""
    labels = np.arange(joined.vcount()) + len(modules)
    for number, own in enumerate(modules):
        labels[own] = number
    _, labels = np.unique(labels, return_inverse=True)
    return round(float(joined.modularity(labels.tolist(), weights="weight")), DECIMALS)


def best_modularity(joined: igraph.Graph, seed: int) -> float:
    """Modularity of the communities that one run finds."""
    return modularity(joined, by_size(leiden(joined, 1.0, seed)))


def null_modularities(graph: Graph, settings: ModulesSettings) -> Floats:
    """Step 4: of every rewired network [rewirings]."""
    weights, n_nodes = graph.pairs["weight"].to_numpy(), graph.features.size
    found = []
    for draw, rewired in enumerate(switch_edges(graph.ends, n_nodes, settings.rewirings, [settings.seed])):
        dealt = np.random.default_rng([settings.seed, draw, 1]).permutation(weights)
        other = weighted_graph(n_nodes, rewired.edges, dealt)
        found.append(best_modularity(other, settings.seed + draw))
    return np.array(found)


def _mean_together(together: Floats, members: list[int]) -> float:
    own, n = together[np.ix_(members, members)], len(members)
    return round(float((own.sum() - np.trace(own)) / (n * (n - 1))), DECIMALS)
