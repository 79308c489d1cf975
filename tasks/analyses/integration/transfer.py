"""Label transfer: each batch is labelled by the cells of all other batches, its own unseen.

1. The k nearest cells of other batches, by Euclidean distance, vote; the first label wins a tie.
2. Accuracy: share of the batch's cells that get their own label. Macro F1: the mean over the labels that the batch has
   of 2 tp / (cells with the label + cells that get it), cells of the batch alone. A label that no other batch has
   cannot be given and counts as wrong.
"""

import numpy as np
from numpy.typing import NDArray

from tasks.analyses.integration.neighbours import distance_blocks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def transferred(points: Floats, label: Ints, batch: Ints, k: int) -> Ints:
    """The label [n] that other batches give each cell of ``points`` [n, d]. There are two batches at least."""
    found, n_labels = np.empty(len(points), dtype=np.int64), int(label.max()) + 1
    for rows, squared in distance_blocks(points):
        squared[batch[rows][:, None] == batch] = np.inf
        order = np.argsort(squared, axis=1, kind="stable")[:, :k]
        near = np.where(np.isfinite(np.take_along_axis(squared, order, axis=1)), label[order], n_labels)
        votes = np.zeros((len(rows), n_labels + 1))
        np.add.at(votes, (np.arange(len(rows))[:, None], near), 1)
        found[rows] = votes[:, :n_labels].argmax(axis=1)
    return found


def scores(label: Ints, given: Ints) -> tuple[float, float]:
    """Accuracy and macro F1 of one batch, whose cells have ``label`` [n] and were ``given`` [n]."""
    right = label == given
    f1 = [
        2 * np.count_nonzero(right & (label == one)) / (np.count_nonzero(label == one) + np.count_nonzero(given == one))
        for one in np.unique(label)
    ]
    return float(right.mean()), float(np.mean(f1))
