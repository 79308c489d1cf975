"""How the edges of a layer are spread over its features, in eleven figures.

Only features that fire in the traced cells count. A feature that is silent there has no edge for that reason alone;
counting it as one without edges makes any spread look wider in cells where more of them are silent.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import skew

from tasks.trace.significance.sweep import hubs, rank_correlation

Floats = NDArray[np.float64]
STATISTICS = (
    "n_features", "mean", "median", "largest", "above_five_medians", "skewness", "gini", "rho_frequency",
    "annotated", "unannotated_of_top20", "rho_annotated",
)  # fmt: skip


def gini(degree: Floats) -> float | None:
    """Gini coefficient of ``degree`` [n]: 0 if all are alike, towards 1 if one has all; None where all are 0."""
    if not degree.sum():
        return None
    ascending = np.sort(degree)
    n = degree.size
    return float((2 * np.arange(1, n + 1) - n - 1) @ ascending / (n * ascending.sum()))


def statistics(features: pl.DataFrame) -> dict[str, float | None]:
    """STATISTICS of ``features`` with columns degree, frequency and annotated."""
    degree, frequency, annotated = (features[name].to_numpy().astype(np.float64) for name in features.columns[-3:])
    if not degree.size:
        return {**dict.fromkeys(STATISTICS), "n_features": 0.0}
    median, varies = float(np.median(degree)), np.ptp(degree) > 0
    top = sorted(hubs(degree))
    return {
        "n_features": float(degree.size),
        "mean": float(degree.mean()),
        "median": median,
        "largest": float(degree.max()),
        "above_five_medians": float((degree > 5 * median).mean()),
        "skewness": float(skew(degree)) if varies else None,
        "gini": gini(degree),
        "rho_frequency": rank_correlation(degree, frequency),
        "annotated": float(annotated.mean()),
        "unannotated_of_top20": float(1 - annotated[top].mean()),
        "rho_annotated": rank_correlation(degree, annotated),
    }
