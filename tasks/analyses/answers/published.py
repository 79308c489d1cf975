"""The published rule: standardised change of a feature's mean over positions, with no test.

ES_f = (m1 - m0) / sqrt(max(v0, 1e-10)): m1 the mean of feature f over all positions of a perturbation's cells, m0 and
v0 mean and variance over all positions of the line's control cells. Called are those of the 20 largest |ES| that
exceed 0.5. A feature that control cells never show has v0 = 0: a single firing calls it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from tasks.analyses.responses.labels import CONTROL, CellLabels
from tasks.codes.axes import Axes
from tasks.codes.reader import Firings

Floats = NDArray[np.float64]
FLOOR, TOP, LARGE = 1e-10, 20, 0.5


@dataclass(frozen=True)
class PositionSums:
    """Of C cells and F features over all positions: ``total`` and ``squares`` [C, F]; ``n`` [C] positions."""

    total: csr_array
    squares: csr_array
    n: Floats


def sum_positions(firings: Iterable[Firings], axes: Axes, n_features: int) -> PositionSums:
    """One pass over the firings."""
    shape = (axes.cell_id.size, n_features)
    total, squares = csr_array(shape), csr_array(shape)
    for chunk in firings:
        value, at = chunk.value.astype(np.float64), (axes.cell[chunk.position], chunk.feature)
        total = total + csr_array(coo_array((value, at), shape=shape))
        squares = squares + csr_array(coo_array((value * value, at), shape=shape))
    return PositionSums(total, squares, axes.cell_count.astype(np.float64))


def effect_sizes(sums: PositionSums, labels: CellLabels, line: int, perturbation: int) -> Floats:
    """ES [F]."""
    of_line = labels.line == line
    own = np.flatnonzero(of_line & (labels.perturbation == perturbation))
    control = np.flatnonzero(of_line & (labels.perturbation == CONTROL))
    m1, m0, square = (
        np.asarray(table[rows].sum(axis=0)).ravel() / max(sums.n[rows].sum(), 1.0)
        for table, rows in ((sums.total, own), (sums.total, control), (sums.squares, control))
    )
    return np.asarray((m1 - m0) / np.sqrt(np.maximum(square - m0**2, FLOOR)))


def published_calls(effect: Floats) -> NDArray[np.int64]:
    """Features that the rule calls, largest |ES| first."""
    top = np.argsort(-np.abs(effect), kind="stable")[:TOP]
    return top[np.abs(effect[top]) > LARGE]
