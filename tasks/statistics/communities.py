"""Communities of a weighted graph, in one run of the Leiden algorithm, and as lists of members.

Leiden (Traag et al. 2019, doi:10.1038/s41598-019-41695-z) on the Reichardt-Bornholdt configuration objective, run until
nothing improves. A single run is not to be trusted: others, of other seeds, have other borders.
"""

import igraph
import leidenalg
import numpy as np
from numpy.typing import NDArray

SMALLEST = 3  # members of a community that counts


def weighted_graph(n: int, ends: NDArray[np.int64], weights: NDArray[np.float64]) -> igraph.Graph:
    """``n`` nodes and pairs of them, ``ends`` [E, 2] with ``weights`` [E] (edge attribute ``weight``)."""
    return igraph.Graph(n=n, edges=ends, edge_attrs={"weight": weights.tolist()})


def single_run(joined: igraph.Graph, resolution: float, seed: int) -> NDArray[np.int64]:
    """The community of every node [U]."""
    kind = leidenalg.RBConfigurationVertexPartition
    found = leidenalg.find_partition(
        joined, kind, weights="weight", n_iterations=-1, seed=seed, resolution_parameter=resolution
    )
    return np.array(found.membership, dtype=np.int64)


def by_size(labels: NDArray[np.int64]) -> list[list[int]]:
    """Members of communities of at least SMALLEST, ascending; the largest first, ties by the first member.

    ``labels`` [U]: the community of every node.
    """
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    large = [own.tolist() for own in groups if own.size >= SMALLEST]
    return sorted(large, key=lambda members: (-len(members), members[0]))
