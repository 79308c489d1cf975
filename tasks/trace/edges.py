"""Table edge_stat: the tests of all blocks with their q.

1. Read the p of every live pair of the source layer; Benjamini-Hochberg runs over each target layer's tests at once.
2. Hand q back block by block, in the order of the tests, beside names and types as the table has them.
"""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.fdr import benjamini_hochberg
from tasks.trace.names import EFFECT, Names

EDGE_COLUMNS = [
    "effect",
    "source_sae",
    "source_layer",
    "source_feature",
    "target_sae",
    "target_layer",
    "target_feature",
    "n_cells",
    "n_pos",
    "n_neg",
    "mean",
    "sd",
    "d",
    "g",
    "n_exceed",
    "n_perm",
    "exact",
    "p",
    "q",
]


def q_values(tests: list[Path]) -> list[NDArray[np.float64]]:
    """q of every test in each file, over the family (source layer, target layer, effect) that it belongs to."""
    frames = [pl.read_parquet(path, columns=["target_layer", "p"]) for path in tests]
    every = pl.concat(frames)
    layer, p = every["target_layer"].to_numpy(), every["p"].to_numpy()
    q = np.empty_like(p)
    for family in np.unique(layer):
        q[layer == family] = benjamini_hochberg(p[layer == family])
    return np.split(q, np.cumsum([frame.height for frame in frames])[:-1])


def edge_frame(names: Names, tests: pl.DataFrame, q: NDArray[np.float64]) -> pl.DataFrame:
    """Rows of edge_stat, by source feature, target layer and target feature, as the tests are."""
    return tests.with_columns(
        pl.lit(EFFECT).alias("effect"),
        pl.lit(names.source_sae).alias("source_sae"),
        pl.lit(names.source_layer, pl.UInt16).alias("source_layer"),
        pl.col("target_layer").replace_strict(names.target_saes, return_dtype=pl.String).alias("target_sae"),
        pl.Series("q", q),
    ).select(EDGE_COLUMNS)
