"""Which cells cell types were tested in: tables ``cell_type`` and ``cell_type_summary``, and their rows' labels."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.cells.doubtful import UNLABELLED


def labelled(labels: Sequence[str | None]) -> NDArray[np.bool_]:
    """Which cells say what type they are: [n_cells]."""
    return np.array([label is not None and label != UNLABELLED for label in labels], dtype=bool)


def why_no_types(labels: Sequence[str | None], min_cells: int) -> str | None:
    """Why no cell type can be compared, although some of ``labels`` [n_cells] are given; None if one can."""
    kinds, sizes = np.unique(np.array(labels, dtype=object)[labelled(labels)].astype(str), return_counts=True)
    if kinds.size == 1:
        return f"no cell type was compared: every cell with a label is of type {kinds[0]}"
    if kinds.size and sizes.max() < min_cells:
        return (
            f"no cell type was compared: none of {kinds.size:,} labels is that of {min_cells} cells or more "
            "(describe.min_cells)"
        )
    return None


def cells_tested(cells: pl.DataFrame, tests: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Both tables behind sae_id: the labelled ones of ``cells`` (label, tissue), all of which types are compared among.

    ``tests``: the rows of table ``feature_cell_type``; without any, nothing was tested in any cell. A feature is
    enriched if a type is called for it. Tissues are NULL where no cell names one.
    """
    named = cells.filter(pl.Series(labelled(cells["label"].to_list()), dtype=pl.Boolean))
    if tests.is_empty():
        named = named.clear()
    tissues = pl.col("tissue").drop_nulls().unique().sort()
    listed = pl.when(tissues.len() > 0).then(tissues.str.join(", ")).alias("tissues")
    types = named.group_by("label").agg(pl.len().alias("n_cells"), listed).sort("label")
    enriched = tests.filter("called")["feature"].n_unique()
    summary = named.select(
        pl.len().alias("n_cells"),
        listed,
        pl.col("label").n_unique().alias("n_cell_types"),
        pl.lit(enriched).alias("n_features_enriched"),
    )
    return {
        "cell_type": types.rename({"label": "cell_type"}),
        "cell_type_summary": summary.filter(pl.col("n_cells") > 0),
    }
