"""Table threshold_sweep: how many edges, false ones expected, and how stable the hubs, over a grid of thresholds."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from tasks.trace.names import Names
from tasks.trace.significance.null import CONSISTENCY_GRID, EFFECT_GRID

REFERENCE = EFFECT_GRID.index(0.5) * len(CONSISTENCY_GRID) + CONSISTENCY_GRID.index(0.7)
N_HUBS = 20
SCHEMA = {
    "effect": pl.String,
    "source_sae": pl.String,
    "source_layer": pl.UInt16,
    "effect_min": pl.Float64,
    "consistency_min": pl.Float64,
    "n_features": pl.UInt32,
    "n_edges": pl.UInt64,
    "mean_degree": pl.Float64,
    "median_degree": pl.Float64,
    "expected_null": pl.Float64,
    "fdr": pl.Float64,
    "rank_rho": pl.Float64,
    "top20_overlap": pl.UInt16,
}


def threshold_frame(names: Names, counts: list[Path]) -> pl.DataFrame:
    """Rows of threshold_sweep from the counts of every source feature, thirty rows each, features ascending."""
    every = pl.concat([pl.read_parquet(path) for path in counts])
    grid = [(effect, consistency) for effect in EFFECT_GRID for consistency in CONSISTENCY_GRID]
    degree = every["degree"].to_numpy().reshape(-1, len(grid))
    expected = every["expected_null"].to_numpy().reshape(-1, len(grid)).sum(0)
    about = (names.effect, names.source_sae, names.source_layer)
    rows = [
        (*about, *pair, *_row(degree[:, i], float(expected[i]), degree[:, REFERENCE])) for i, pair in enumerate(grid)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _row(
    degree: NDArray[np.float64], expected: float, reference: NDArray[np.float64]
) -> tuple[int, int, float, float, float, float | None, float | None, int]:
    edges = int(degree.sum())
    ratio = expected / edges if edges else None
    shared = len(hubs(degree) & hubs(reference))
    return (
        len(degree),
        edges,
        float(degree.mean()),
        float(np.median(degree)),
        expected,
        ratio,
        rank_correlation(degree, reference),
        shared,
    )


def hubs(degree: NDArray[np.float64]) -> set[int]:
    """The twenty rows of highest degree; of equal ones, the earlier."""
    return set(np.argsort(-degree, kind="stable")[:N_HUBS].tolist())


def rank_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Spearman's rho, ties at their mean rank; None if one of the two is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
