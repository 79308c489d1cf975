"""Cell types in which a feature is more, or less, active than in other cells of the same length.

1. A cell's value for a feature is its mean activation over the cell's positions, zeros included.
2. Labelled cells are compared, each type of at least ``min_cells`` cells against all other labelled cells.
3. A feature that fires once a cell has the larger mean the shorter the cell, and types differ in length. So cells are
   compared within strata of equal length (quantiles of the number of tokens): AUROC with its 95 % interval, and p of
   van Elteren's test; q by Benjamini-Hochberg over all pairs of a living feature and a type.
4. A type is called if q is at most ``alpha`` and the lower bound of the interval at least ``min_auroc``. Any difference
   is significant with enough cells; the bound says that it is large, also where there are few.
5. log2 fold = log2((mean_in + e) / (mean_out + e)) over all cells, e a hundredth of the feature's mean.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from tasks.describe.settings import DescribeSettings
from tasks.describe.tested_cells import labelled
from tasks.statistics import benjamini_hochberg
from tasks.statistics.groups import log_fold, sum_by_group
from tasks.statistics.matching import quantile_bins
from tasks.statistics.rank_sums import u_statistics
from tasks.statistics.stratified_auroc import stratified_auroc
from tasks.statistics.van_elteren import van_elteren
from tasks.store import table_frame

SMALLEST_STRATUM = 20  # cells: fewer strata where there are few cells, so that most types have others beside them
CONFIDENCE = 0.95

Ints = NDArray[np.int64]


def cell_types(
    means: csr_matrix,
    labels: Sequence[str | None],
    lengths: Ints,
    alive: NDArray[np.bool_],
    settings: DescribeSettings,
) -> pl.DataFrame:
    """The columns of table ``feature_cell_type`` behind sae_id, by feature and type name.

    ``means`` [n_cells, F] are cell-level mean activations, ``labels`` and ``lengths`` [n_cells] the cells' types and
    numbers of tokens. Without two types (or one and other labelled cells) there is nothing to compare: no row.
    """
    named = labelled(labels)
    kinds, group = np.unique(np.array(labels, dtype=object)[named].astype(str), return_inverse=True)
    sizes = np.bincount(group, minlength=kinds.size)
    tested = np.flatnonzero((sizes >= settings.min_cells) & (sizes < group.size))
    features = np.flatnonzero(alive)
    if not tested.size or not features.size:
        return table_frame("feature_cell_type", []).drop("sae_id")
    values = csc_matrix(means[named][:, features])
    n_strata = min(settings.length_strata, max(group.size // SMALLEST_STRATUM, 1))
    strata = quantile_bins(lengths[named].astype(np.float64), n_strata)
    columns = {
        "feature": np.repeat(features.astype(np.uint32), tested.size),
        "cell_type": np.tile(kinds[tested], features.size),
        "n_cells": np.tile(sizes[tested], features.size),
    }
    columns |= _sizes(values, group, tested, sizes) | _tests(values, group, tested, strata, settings)
    return pl.DataFrame(columns).with_columns(pl.col("auroc", "auroc_low", "auroc_high").fill_nan(None))


def _sizes(values: csc_matrix, group: Ints, tested: Ints, sizes: Ints) -> dict[str, NDArray[np.generic]]:
    """Columns n_active, mean_in, mean_out and log2_fold, over all cells."""
    inside = sum_by_group(values, group, sizes.size)
    active = sum_by_group((values > 0).astype(np.int64), group, sizes.size)
    total = inside.sum(axis=1, keepdims=True)
    mean_in, mean_out = (inside / sizes)[:, tested], ((total - inside) / np.maximum(group.size - sizes, 1))[:, tested]
    fold = log_fold(mean_in, mean_out, total, group.size)
    found = {"n_active": active[:, tested], "mean_in": mean_in, "mean_out": mean_out, "log2_fold": fold}
    return {name: column.ravel() for name, column in found.items()}


def _tests(
    values: csc_matrix, group: Ints, tested: Ints, strata: Ints, settings: DescribeSettings
) -> dict[str, NDArray[np.generic]]:
    """The columns from auroc on; NaN where a type shares no stratum with other cells."""
    n_groups, shape = int(group.max()) + 1, (values.shape[1], tested.size)
    within = stratified_auroc(values, group, n_groups, strata, CONFIDENCE)
    auroc, low, high = (part[:, tested] for part in (within.auroc, within.low, within.high))
    p = van_elteren(values, group, n_groups, strata).p[:, tested]
    q = benjamini_hochberg(p)
    significant = (q <= settings.alpha) & (auroc > 0.5)
    anywhere = u_statistics(values, group, n_groups)
    n = int(strata.max()) + 1
    found = {
        "auroc": auroc,
        "p": p,
        "q": q,
        "significant": significant,
        "auroc_low": low,
        "auroc_high": high,
        "called": significant & (low >= settings.min_auroc),
        "auroc_all": (anywhere.u / anywhere.pairs)[:, tested],
        "strata": np.full(shape, f"{n} quantiles of n_tokens" if n > 1 else "none"),
        "n_strata": np.broadcast_to(within.n_strata[tested], shape),
    }
    return {name: column.ravel() for name, column in found.items()}


def top_cell_types(frame: pl.DataFrame) -> pl.DataFrame:
    """feature and the columns ``top_cell_type…``: each feature's called type of largest lower bound."""
    ranked = frame.filter("called").sort("auroc_low", descending=True, maintain_order=True)
    best = ranked.unique("feature", keep="first", maintain_order=True).sort("feature")
    return best.select(
        "feature",
        top_cell_type="cell_type",
        top_cell_type_auroc="auroc",
        top_cell_type_low="auroc_low",
        top_cell_type_cells="n_cells",
    )
