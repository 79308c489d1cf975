"""The order of features within the layers of a graph, so that few of its edges cross.

1. Sweeping from the first layer to the last and back, the features of a layer are ordered by the mean place of their
   neighbours in the layers passed before (barycentre heuristic of Sugiyama et al. 1981), weighted by |g|.
2. Of all orders met, the one with fewest crossings is kept; the first one is that in which the features came.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SWEEPS = 8
Link = tuple[int, int, float]  # places of source and target in the list of features, weight


def ordered(layers: Sequence[int], links: Sequence[Link]) -> list[float]:
    """Height of every feature: features of a layer stand one apart, about 0. Sources are in earlier layers."""
    by_layer = {layer: [i for i, one in enumerate(layers) if one == layer] for layer in sorted(set(layers))}
    heights = np.zeros(len(layers))
    for members in by_layer.values():
        _set_heights(heights, members)
    best, fewest = heights.copy(), crossings(layers, heights, links)
    for _ in range(SWEEPS):
        for forward in (True, False):
            for layer in sorted(by_layer, reverse=not forward):
                by_layer[layer] = _sorted(by_layer[layer], heights, links, forward)
                _set_heights(heights, by_layer[layer])
            if (found := crossings(layers, heights, links)) < fewest:
                best, fewest = heights.copy(), found
    return [float(one) for one in best]


def crossings(layers: Sequence[int], heights: NDArray[np.float64], links: Sequence[Link]) -> int:
    """How many pairs of edges cross as straight lines between their ends; a shared end is no crossing."""
    if len(links) < 2:
        return 0
    ends = np.array([link[:2] for link in links])
    x, y = np.asarray(layers, dtype=float)[ends], np.asarray(heights)[ends]
    a, b = np.triu_indices(len(links), 1)
    start, end = np.maximum(x[a, 0], x[b, 0]), np.minimum(x[a, 1], x[b, 1])
    gaps = [_height_at(x[a], y[a], at) - _height_at(x[b], y[b], at) for at in (start, end)]
    return int(((start < end) & (gaps[0] * gaps[1] < -1e-9)).sum())


def _height_at(x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    return y[:, 0] + (y[:, 1] - y[:, 0]) * (at - x[:, 0]) / (x[:, 1] - x[:, 0])


def _set_heights(heights: NDArray[np.float64], members: list[int]) -> None:
    for place, member in enumerate(members):
        heights[member] = place - (len(members) - 1) / 2


def _sorted(members: list[int], heights: NDArray[np.float64], links: Sequence[Link], forward: bool) -> list[int]:
    """The members of a layer by the mean height of their neighbours; who has none keeps its place."""
    pulls: dict[int, list[tuple[float, float]]] = {member: [] for member in members}
    for source, target, weight in links:
        own, other = (target, source) if forward else (source, target)
        if own in pulls:
            pulls[own].append((float(heights[other]), weight))
    return sorted(members, key=lambda one: _mean(pulls[one], float(heights[one])))


def _mean(pulls: list[tuple[float, float]], otherwise: float) -> float:
    total = sum(weight for _, weight in pulls)
    return sum(height * weight for height, weight in pulls) / total if total else otherwise
