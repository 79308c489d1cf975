"""Decoder directions: the nearest ones of each feature, and a 2-D map of all of them.

1. Cosines of all pairs of living features, a block of rows at a time; each row keeps its nearest.
2. The map's graph joins each feature to its nearest; edge lengths are 1 - cosine.
3. The layout is UMAP's (McInnes et al. 2018, arXiv:1802.03426), started from the first two principal components.
"""

import igraph
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.igraph_random import seeded_igraph

MAP_NEIGHBOURS = 15
MAP_EPOCHS = 300
MAP_DECIMALS = 3
COSINE_DECIMALS = 9
ROW_BLOCK = 1024
FEWEST_POINTS = 4  # below, principal components are the map


def nearest(directions: NDArray[np.float32], n: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The ``n`` nearest other rows by cosine, nearest first, ties by row: indices and cosines, both [F, n or F - 1].

    ``directions`` is [F, d]; its rows need not have unit norm.
    """
    exact = directions.astype(np.float64)
    unit = exact / np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    n = min(n, max(unit.shape[0] - 1, 0))
    indices, cosines = [np.empty((0, n), dtype=np.int64)], [np.empty((0, n))]
    for start in range(0, unit.shape[0], ROW_BLOCK):
        # Rounded, because the last digits of a product depend on the number of threads.
        cosine = (unit[start : start + ROW_BLOCK] @ unit.T).round(COSINE_DECIMALS)
        own = np.arange(cosine.shape[0])
        cosine[own, start + own] = -np.inf
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :n]
        indices.append(best)
        cosines.append(np.take_along_axis(cosine, best, axis=1))
    return np.concatenate(indices), np.clip(np.concatenate(cosines), -1.0, 1.0)


def neighbours(directions: NDArray[np.float32], features: NDArray[np.int64], n: int) -> pl.DataFrame:
    """The columns of table ``feature_neighbour`` behind sae_id; row i of ``directions`` is ``features[i]``."""
    indices, cosines = nearest(directions, n)
    width = indices.shape[1]
    return pl.DataFrame(
        {
            "feature": np.repeat(features.astype(np.uint32), width),
            "rank": np.tile(np.arange(1, width + 1), features.size),
            "neighbour": features[indices].ravel(),
            "cosine": cosines.ravel(),
        }
    )


def map_directions(directions: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Places of the rows of ``directions`` [F, d] on a plane: [F, 2]. The same seed gives the same map."""
    start = principal_plane(directions)
    if start.shape[0] < FEWEST_POINTS:
        return start.round(MAP_DECIMALS).astype(np.float32)
    indices, cosines = nearest(directions, MAP_NEIGHBOURS)
    joined = {
        (min(i, j), max(i, j)): 1.0 - cosine
        for i, (row, values) in enumerate(zip(indices.tolist(), cosines.tolist(), strict=True))
        for j, cosine in zip(row, values, strict=True)
    }
    graph = igraph.Graph(n=start.shape[0], edges=list(joined))
    with seeded_igraph(seed):
        layout = graph.layout_umap(dist=list(joined.values()), seed=start.tolist(), epochs=MAP_EPOCHS)
    return np.array(layout.coords).round(MAP_DECIMALS).astype(np.float32)


def principal_plane(directions: NDArray[np.float32]) -> NDArray[np.float64]:
    """Coordinates on the first two principal components, each component's largest loading positive: [F, 2]."""
    centred = directions - directions.sum(axis=0, dtype=np.float64) / max(directions.shape[0], 1)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((directions.shape[0], 2))
    for axis, component in enumerate(components[:2]):
        plane[:, axis] = centred @ component * np.sign(component[np.argmax(np.abs(component))])
    return plane
