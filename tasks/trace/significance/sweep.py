"""Table threshold_sweep: how many edges, false ones expected, and how stable the hubs, over a grid of thresholds."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from tasks.store import table_frame
from tasks.trace.names import Names
from tasks.trace.significance.null import CONSISTENCY_GRID, EFFECT_GRID

GRID = [(effect, consistency) for effect in EFFECT_GRID for consistency in CONSISTENCY_GRID]
REFERENCE = EFFECT_GRID.index(0.5) * len(CONSISTENCY_GRID) + CONSISTENCY_GRID.index(0.7)
N_HUBS = 20
Row = dict[str, str | int | float | None]


def threshold_frame(names: Names, counts: list[Path]) -> pl.DataFrame:
    """Rows of threshold_sweep from the counts of every source feature, thirty rows each, features ascending."""
    every = pl.concat([pl.read_parquet(path, glob=False) for path in counts])
    degree = every["degree"].to_numpy().reshape(-1, len(GRID))
    expected = every["expected_null"].to_numpy().reshape(-1, len(GRID)).sum(0)
    return table_frame("threshold_sweep", [names.source | row for row in grid_rows(degree, expected)])


def grid_rows(degree: NDArray[np.float64], expected: NDArray[np.float64]) -> list[Row]:
    """The columns of threshold_sweep behind source_layer, thirty rows.

    ``degree`` [n, 30]: pairs of every source feature that pass each pair of thresholds; ``expected`` [30]: pairs of all
    of them that pass by chance.
    """
    return [
        {
            "effect_min": effect,
            "consistency_min": consistency,
            **threshold_row(degree[:, i], float(expected[i]), degree[:, REFERENCE]),
        }
        for i, (effect, consistency) in enumerate(GRID)
    ]


def threshold_row(degree: NDArray[np.float64], expected: float, reference: NDArray[np.float64]) -> Row:
    """The counts of one pair of thresholds; ``degree`` and ``reference``, those at 0.5 and 0.7, [n]."""
    edges = int(degree.sum())
    return {
        "n_features": len(degree),
        "n_edges": edges,
        "mean_degree": float(degree.mean()),
        "median_degree": float(np.median(degree)),
        "expected_null": expected,
        "fdr": expected / edges if edges else None,
        "rank_rho": rank_correlation(degree, reference),
        "top20_overlap": len(hubs(degree) & hubs(reference)),
    }


def hubs(degree: NDArray[np.float64]) -> set[int]:
    """The twenty rows of highest degree; of equal ones, the earlier."""
    return set(np.argsort(-degree, kind="stable")[:N_HUBS].tolist())


def rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Spearman's rho, ties at their mean rank; None if one of the two is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
