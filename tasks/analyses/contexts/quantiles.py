"""How strongly a feature is active in the cells of each type: quantiles, from which boxes are drawn without the cells.

1. A cell's value for a feature is its mean activation over the cell's kept positions, zeros included.
2. Quantiles (linear between the two nearest values) of the cells of each type, and of all cells, labelled or not.

A feature that fires once a cell has the larger mean the shorter the cell: types of short cells stand higher for that
alone. Table ``feature_cell_type`` compares cells of like length; this one only shows what there is.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from tasks.analyses.contexts.choose import CellSums
from tasks.codes.axes import Axes
from tasks.describe.tested_cells import labelled

LEVELS = {"lowest": 0.0, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "highest": 1.0}
ALL = "all cells"
BLOCK = 256  # features whose cells are held densely at once


def quantile_rows(sums: CellSums, axes: Axes, n_features: int, labels: Sequence[str | None]) -> pl.DataFrame:
    """Table ``feature_label_quantile`` behind sae_id: features that fire, each by kind and label.

    ``labels`` [C] are the types of the axes' cells, None where unknown.
    """
    named = labelled(labels)
    groups = [("all", ALL, np.arange(len(labels)))]
    text = np.array(labels, dtype=object)
    for name in np.unique(text[named].astype(str)):
        groups.append(("type", str(name), np.flatnonzero(named & (text == name))))
    starts = np.searchsorted(sums.feature, np.arange(n_features + 1))
    values = sums.total / axes.cell_count[sums.cell]
    means = csc_matrix((values, sums.cell, starts), shape=(axes.cell_id.size, n_features))
    alive = np.flatnonzero(np.diff(starts))
    frames = [
        _rows(means[:, block].toarray(), block, *group)
        for block in np.array_split(alive, range(BLOCK, alive.size, BLOCK))
        for group in groups
        if block.size
    ]
    return pl.concat(frames).sort("feature", "kind", "label") if frames else pl.DataFrame(schema=_SCHEMA)


_SCHEMA = {
    **{"feature": pl.Int64, "kind": pl.String, "label": pl.String, "n_cells": pl.Int64, "n_active": pl.Int64},
    **dict.fromkeys(LEVELS, pl.Float64),
}


def _rows(
    dense: NDArray[np.float64], features: NDArray[np.int64], kind: str, label: str, cells: NDArray[np.int64]
) -> pl.DataFrame:
    """Rows of one group of cells; ``dense`` [C, len(features)]."""
    own = dense[cells]
    found = np.quantile(own, list(LEVELS.values()), axis=0)
    columns = {"feature": features, "n_cells": np.full(features.size, cells.size), "n_active": (own > 0).sum(axis=0)}
    columns |= dict(zip(LEVELS, found, strict=True))
    return pl.DataFrame(columns).with_columns(kind=pl.lit(kind), label=pl.lit(label)).select(list(_SCHEMA))
