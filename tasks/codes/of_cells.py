"""Features by cell: one number for each chosen feature in each cell, from its firings at the cell's kept positions.

``mean``: the mean activation over all kept positions of the cell, those where the feature does not fire counted as 0.
``max``: the largest activation at any of them; 0 where the feature fires at none.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tasks.codes.axes import Axes
from tasks.codes.reader import Firings

Summary = Literal["mean", "max"]


def summarise_by_cell(
    firings: Iterable[Firings], axes: Axes, features: Sequence[int], summary: Summary
) -> NDArray[np.float32]:
    """The activation of each of ``features`` in each cell of ``axes``: float32 [n_cells, len(features)]."""
    chosen = np.array(features, dtype=np.int64)
    column = np.full(int(chosen.max(initial=0)) + 1, -1, dtype=np.int64)
    column[chosen] = np.arange(len(chosen))
    values = np.zeros((axes.cell_id.size, len(chosen)))
    gather = np.add if summary == "mean" else np.maximum
    for chunk in firings:
        known = np.flatnonzero(chunk.feature < column.size)
        known = known[column[chunk.feature[known]] >= 0]
        place = (axes.cell[chunk.position[known]], column[chunk.feature[known]])
        gather.at(values, place, chunk.value[known].astype(np.float64))
    if summary == "mean":
        values /= axes.cell_count[:, None]
    return values.astype(np.float32)
