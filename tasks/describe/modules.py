"""Modules: groups of features that are active in the same cells.

1. Take the living features that fire in at least ``min_cells`` cells and their cell-level mean activations.
2. Correlate them over cells (Pearson): features that merely fire everywhere do not correlate by that.
3. Join two features if r >= ``min_correlation``, with weight r.
4. Leiden on the Reichardt-Bornholdt configuration objective at resolution 1, run until nothing improves, seeded.
5. Communities of at least three features are modules, numbered from 1, largest first, ties by their first feature.
"""

import igraph
import leidenalg
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

NO_MODULE = 0
SMALLEST_MODULE = 3
CELL_BLOCK = 4096  # cells held densely at once


def co_firing_modules(means: csr_matrix, min_cells: int, min_correlation: float, seed: int) -> NDArray[np.uint32]:
    """The module of every feature, NO_MODULE outside any: [F]. ``means`` [n_cells, F] are cell-level activations."""
    module = np.zeros(means.shape[1], dtype=np.uint32)
    features = np.flatnonzero(np.asarray(means.getnnz(axis=0)) >= max(min_cells, 1))
    r = np.triu(correlations(means[:, features]), k=1)
    first, second = np.nonzero(r >= min_correlation)
    graph = igraph.Graph(n=features.size, edges=np.column_stack([first, second]).tolist())
    communities = leidenalg.find_partition(
        graph, leidenalg.RBConfigurationVertexPartition, weights=r[first, second].tolist(), n_iterations=-1, seed=seed
    )
    large = [members for members in communities if len(members) >= SMALLEST_MODULE]
    for number, members in enumerate(sorted(large, key=lambda members: (-len(members), min(members))), start=1):
        module[features[members]] = number
    return module


def correlations(means: csr_matrix) -> NDArray[np.float64]:
    """Pearson correlations of the columns, 0 where a column does not vary: [F, F]."""
    n_cells, n_features = means.shape
    gram, total = np.zeros((n_features, n_features)), np.zeros(n_features)
    for start in range(0, n_cells, CELL_BLOCK):
        block = means[start : start + CELL_BLOCK].toarray()
        gram += block.T @ block
        total += block.sum(axis=0)
    covariance = gram - np.outer(total, total) / max(n_cells, 1)
    deviation = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    scale = np.outer(deviation, deviation)
    r: NDArray[np.float64] = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    return r
