"""Silhouettes of single cells, of labels and of batches within labels.

    s = (b - a) / max(a, b)

a is the mean distance of a cell to the others of its group. Nearest: b is the smallest mean distance to another group
(Rousseeuw 1987). Mean of others: b is the mean distance to all cells of other groups (BRAS: Rautenstrauch & Ohler 2025,
by cosine distance). A cell that is alone in its group has 0.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.integration.neighbours import distance_blocks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Others = Literal["nearest", "mean"]
NO_SCORE = np.nan


def silhouettes(points: Floats, group: Ints, others: Others = "nearest", *, cosine: bool = False) -> Floats:
    """s of every cell [n] of ``points`` [n, d]; ``group`` [n] numbers two groups at least from 0, none empty."""
    sizes = np.bincount(group).astype(np.float64)
    member = np.eye(len(sizes))[group]
    near = unit_length(points) if cosine else points
    found = np.empty(len(points))
    for rows, squared in distance_blocks(near):
        distance = squared / 2 if cosine else np.sqrt(squared)
        distance[np.arange(len(rows)), rows] = 0.0
        total, own = distance @ member, group[rows]
        within = total[np.arange(len(rows)), own]
        a = within / np.maximum(sizes[own] - 1, 1)
        if others == "mean":
            b = (total.sum(axis=1) - within) / (len(points) - sizes[own])
        else:
            means = total / sizes
            means[np.arange(len(rows)), own] = np.inf
            b = means.min(axis=1)
        largest = np.maximum(a, b)
        s = np.divide(b - a, largest, out=np.zeros(len(rows)), where=largest > 0)
        found[rows] = np.where(sizes[own] > 1, s, 0.0)
    return found


def batch_silhouettes(points: Floats, batch: Ints, label: Ints) -> Floats:
    """BRAS of every cell: 1 - |s| of its batch among the cells of its label, b the mean of others, by cosine [n].

    NaN in labels that lie in one batch, or have as many batches as cells.
    """
    found = np.full(len(points), NO_SCORE)
    for one in np.unique(label):
        cells = np.flatnonzero(label == one)
        _, own = np.unique(batch[cells], return_inverse=True)
        n_batches = int(own.max()) + 1
        if 1 < n_batches < len(cells):
            found[cells] = 1 - np.abs(silhouettes(points[cells], own, "mean", cosine=True))
    return found


def unit_length(points: Floats) -> Floats:
    """Points [n, d] over their length; 0 stays 0."""
    length = np.linalg.norm(points, axis=1, keepdims=True)
    return np.asarray(np.divide(points, length, out=np.zeros(points.shape), where=length > 0))
