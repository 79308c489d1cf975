"""The degrees of all sources, and degrees freed of what firing frequency and number of ablated positions explain.

log degree is fitted by natural splines of the logs of both, among sources with an edge;

    adjusted = degree exp(mean fit - fit),  rounded, at least 1.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.splines import fitted, natural_spline
from tasks.store import StepFolder

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Degrees:
    """Degrees of all sources, and the largest there could be."""

    every: Ints
    x_max: int

    @property
    def positive(self) -> Ints:
        """Those above 0, ascending."""
        return np.sort(self.every[self.every > 0])


def with_frequency(features: pl.DataFrame, trace: StepFolder, described: StepFolder) -> pl.DataFrame:
    """Sources with their frequency and their number of ablated positions."""
    positions = (
        trace.read_table("trace_pair")
        .group_by(feature="source_feature")
        .agg(n_positions=pl.col("n_positions").cast(pl.Int64).sum())
    )
    frequency = described.read_table("feature").select("feature", "frequency")
    return features.join(frequency, on="feature", how="left").join(positions, on="feature", how="left").sort("feature")


def adjusted(features: pl.DataFrame, x_max: int) -> Degrees:
    """Adjusted degrees. ``features``: degree, frequency and n_positions of all sources."""
    kept = features.filter(pl.col("degree") > 0)
    if kept.is_empty():
        return Degrees(features["degree"].to_numpy(), x_max)
    logs = {name: np.log(kept[name].cast(pl.Float64).to_numpy()) for name in ("degree", "frequency", "n_positions")}
    columns = np.column_stack([natural_spline(logs["frequency"]), natural_spline(logs["n_positions"])])
    fit = fitted(logs["degree"], columns)
    factor = np.exp(np.round(fit.mean() - fit, 9))  # rounded, so that no last digit decides where a value falls
    values = np.maximum(np.rint(np.exp(logs["degree"]) * factor), 1).astype(np.int64)
    zeros = np.zeros(features.height - kept.height, dtype=np.int64)
    return Degrees(np.concatenate([values, zeros]), int(np.ceil(x_max * factor.max())))
