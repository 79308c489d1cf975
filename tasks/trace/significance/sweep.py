"""Table threshold_sweep: how many edges, false ones expected, and how stable the hubs, over a grid of thresholds."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from tasks.store import table_frame
from tasks.trace.names import Names
from tasks.trace.significance.null import CONSISTENCY_GRID, EFFECT_GRID

REFERENCE = EFFECT_GRID.index(0.5) * len(CONSISTENCY_GRID) + CONSISTENCY_GRID.index(0.7)
N_HUBS = 20


def threshold_frame(names: Names, counts: list[Path]) -> pl.DataFrame:
    """Rows of threshold_sweep from the counts of every source feature, thirty rows each, features ascending."""
    every = pl.concat([pl.read_parquet(path, glob=False) for path in counts])
    grid = [(effect, consistency) for effect in EFFECT_GRID for consistency in CONSISTENCY_GRID]
    degree = every["degree"].to_numpy().reshape(-1, len(grid))
    expected = every["expected_null"].to_numpy().reshape(-1, len(grid)).sum(0)
    rows = [
        names.source | {"effect_min": effect, "consistency_min": consistency}
        | _row(degree[:, i], float(expected[i]), degree[:, REFERENCE])
        for i, (effect, consistency) in enumerate(grid)
    ]  # fmt: skip
    return table_frame("threshold_sweep", rows)


def _row(
    degree: NDArray[np.float64], expected: float, reference: NDArray[np.float64]
) -> dict[str, str | int | float | None]:
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
