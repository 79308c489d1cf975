"""Table edge_stat: the tests of all blocks with their q.

1. Count how often each p occurs among the tests of each target layer, and run Benjamini-Hochberg over the counts.
2. Hand q back block by block, in the order of the tests, beside names and types as the table has them.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.statistics.fdr import benjamini_hochberg_counts
from tasks.trace.names import Names

FAMILY = ["target_layer", "p"]


def q_values(tests: list[Path]) -> Iterator[NDArray[np.float64]]:
    """Yield q of every test, file by file, over the family (source layer, target layer, effect) that it belongs to.

    A permutation p takes few values, so that a family is held as how often each occurs.
    """
    if not tests:
        return
    found = pl.concat(pl.read_parquet(path, columns=FAMILY, glob=False).group_by(FAMILY).len() for path in tests)
    families = _corrected(found.group_by(FAMILY).agg(pl.col("len").sum()).sort(FAMILY))
    for path in tests:
        found = pl.read_parquet(path, columns=FAMILY, glob=False)
        yield found.join(families, on=FAMILY, how="left", maintain_order="left")["q"].to_numpy()


def _corrected(families: pl.DataFrame) -> pl.DataFrame:
    """``families`` with the q of each target layer's ascending p, which occur ``len`` times."""
    layer, p, count = (families[name].to_numpy() for name in (*FAMILY, "len"))
    q = np.empty(families.height)
    for family in np.unique(layer):
        of_family = layer == family
        q[of_family] = benjamini_hochberg_counts(p[of_family], count[of_family])
    return families.with_columns(pl.Series("q", q))


def edge_frame(names: Names, tests: pl.DataFrame, q: NDArray[np.float64]) -> pl.DataFrame:
    """Rows of edge_stat, by source feature, target layer and target feature, as the tests are."""
    return tests.with_columns(
        *(pl.lit(value).alias(name) for name, value in names.source.items()),
        pl.col("target_layer").replace_strict(names.target_saes, return_dtype=pl.String).alias("target_sae"),
        pl.Series("q", q),
    )
