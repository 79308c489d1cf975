"""Cell types in which a feature is more, or less, active.

1. A cell's value for a feature is its mean activation over the cell's positions, zeros included.
2. Labelled cells are compared, each type of at least ``min_cells`` cells against all other labelled cells.
3. AUROC and p per (living feature, type), q by Benjamini-Hochberg over all of these.
4. log2 fold = log2((mean_in + e) / (mean_out + e)), e a hundredth of the feature's mean over labelled cells.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from tasks.statistics import benjamini_hochberg
from tasks.statistics.rank_sums import rank_sums
from tasks.store import table_frame

NO_TYPE = "unlabelled"
FOLD_FLOOR = 0.01  # of the feature's mean; keeps the fold finite where one side is silent


def cell_types(
    means: csr_matrix, labels: Sequence[str | None], alive: NDArray[np.bool_], min_cells: int, alpha: float
) -> pl.DataFrame:
    """The columns of table ``feature_cell_type`` behind sae_id, by feature and type name.

    ``means`` [n_cells, F] are cell-level mean activations, ``labels`` [n_cells] the cells' types. Without two types
    (or one and other labelled cells) there is nothing to compare: no row.
    """
    named = np.array([label is not None and label != NO_TYPE for label in labels], dtype=bool)
    kinds, group = np.unique(np.array(labels, dtype=object)[named].astype(str), return_inverse=True)
    sizes = np.bincount(group, minlength=kinds.size)
    tested = np.flatnonzero((sizes >= min_cells) & (sizes < group.size))
    features = np.flatnonzero(alive)
    if not tested.size or not features.size:
        return table_frame("feature_cell_type", []).drop("sae_id")
    values = csc_matrix(means[named][:, features])
    return _rows(values, group, kinds, tested, features, alpha)


def _rows(
    values: csc_matrix,
    group: NDArray[np.int64],
    kinds: NDArray[np.str_],
    tested: NDArray[np.int64],
    features: NDArray[np.int64],
    alpha: float,
) -> pl.DataFrame:
    sums = rank_sums(values, group, kinds.size)
    belongs = csr_matrix((np.ones(group.size), (np.arange(group.size), group)), shape=(group.size, kinds.size))
    sizes = np.bincount(group, minlength=kinds.size)
    inside = (values.T @ belongs).toarray()
    active = ((values > 0).astype(np.int64).T @ belongs).toarray()
    total = inside.sum(axis=1, keepdims=True)
    mean_in, mean_out = (inside / sizes)[:, tested], ((total - inside) / np.maximum(group.size - sizes, 1))[:, tested]
    floor = FOLD_FLOOR * total / group.size
    fold = np.log2(np.divide(mean_in + floor, mean_out + floor, out=np.ones_like(mean_in), where=floor > 0))
    auroc, p = sums.auroc[:, tested], sums.p[:, tested]
    q = benjamini_hochberg(p)
    columns = {
        "feature": np.repeat(features.astype(np.uint32), tested.size),
        "cell_type": np.tile(kinds[tested], features.size),
        "n_cells": np.tile(sizes[tested], features.size),
        "n_active": active[:, tested].ravel(),
        "mean_in": mean_in.ravel(),
        "mean_out": mean_out.ravel(),
        "log2_fold": fold.ravel(),
        "auroc": auroc.ravel(),
        "p": p.ravel(),
        "q": q.ravel(),
        "significant": ((q <= alpha) & (auroc > 0.5)).ravel(),
    }
    return pl.DataFrame(columns)


def top_cell_types(frame: pl.DataFrame) -> pl.DataFrame:
    """feature, top_cell_type, top_cell_type_auroc: each feature's significant type of largest AUROC."""
    ranked = frame.filter("significant").sort("auroc", descending=True, maintain_order=True)
    best = ranked.unique("feature", keep="first", maintain_order=True).sort("feature")
    return best.select("feature", top_cell_type="cell_type", top_cell_type_auroc="auroc")
