"""How well Leiden clusters agree with labels: NMI and ARI, of the resolution with the best NMI.

1. Leiden (Traag et al. 2019) by modularity on the graph of neighbours, two iterations at each of the resolutions
   0.2, 0.4 ... 2, as scib-metrics runs it: clusters of many halves of the cells are wanted, not the best of one sample.
2. With n_lc cells of label l in cluster c: NMI = I / ((H_label + H_cluster) / 2), and
   ARI = (sum C(n_lc, 2) - E) / ((A + B) / 2 - E), A and B the sums over labels and over clusters, E = A B / C(n, 2)
   (Hubert & Arabie 1985).
"""

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import xlogy

from tasks.statistics.igraph_random import seeded_igraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RESOLUTIONS = tuple(2 * step / 10 for step in range(1, 11))


def best_clusters(graph: csr_matrix, label: Ints, seed: int) -> Ints:
    """The cluster of every cell [n], of the resolution whose clusters have the largest NMI with ``label``."""
    joined = igraph.Graph.Weighted_Adjacency(graph, mode="directed")
    joined.to_undirected(mode="each")
    tried = [_clusters(joined, resolution, seed) for resolution in RESOLUTIONS]
    scores = [nmi(contingency(label, clusters)) for clusters in tried]
    return tried[int(np.argmax(scores))]


def _clusters(joined: igraph.Graph, resolution: float, seed: int) -> Ints:
    with seeded_igraph(seed):
        found = joined.community_leiden(objective_function="modularity", weights="weight", resolution=resolution)
    return np.array(found.membership, dtype=np.int64)


def contingency(label: Ints, cluster: Ints) -> Floats:
    """Cells of each label in each cluster: [L, K]."""
    n_clusters = int(cluster.max()) + 1
    pairs = np.bincount(label * n_clusters + cluster, minlength=(int(label.max()) + 1) * n_clusters)
    return pairs.reshape(-1, n_clusters).astype(np.float64)


def nmi(table: Floats) -> float:
    """Normalised mutual information of a table [L, K]: 1 where both have one group."""
    total = table.sum()
    of_label, of_cluster = table.sum(axis=1), table.sum(axis=0)
    h_label, h_cluster = (-float(xlogy(own / total, own / total).sum()) for own in (of_label, of_cluster))
    if h_label == 0 and h_cluster == 0:
        return 1.0
    joint = -float(xlogy(table / total, table / total).sum())
    return max(0.0, (h_label + h_cluster - joint) / ((h_label + h_cluster) / 2))


def ari(table: Floats) -> float:
    """Adjusted Rand index of a table [L, K]: 1 where both are alike."""
    pairs, a, b = (float((own * (own - 1)).sum() / 2) for own in (table, table.sum(axis=1), table.sum(axis=0)))
    n = float(table.sum())
    expected = a * b / (n * (n - 1) / 2)
    room = (a + b) / 2 - expected
    return 1.0 if room == 0 else (pairs - expected) / room
