"""Which features are changed first, by selector.

    batch   largest |2 AUROC - 1| of a batch against the others within cell types (van Elteren's weights), by the mean
            activation in a cell
    type    the same of a cell type against the others within batches
    gene    best score among the top genes of the feature that the study names
    term    largest -log10 q of a significant annotation with one of the named gene sets
    named   as named

batch, type: features that are active in ``min_cells`` of the cells that choose; groups of fewer cells are not compared,
but stay among the others.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tasks.analyses.shift.roles import Names, Roles
from tasks.analyses.shift.step import Selector, ShiftSettings
from tasks.statistics.stratified_ranks import StratifiedRanks
from tasks.store import RequestError, StepFolder

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SMALLEST_Q = 1e-300


@dataclass(frozen=True)
class Choice:
    """Features of a selector, the first ones first, and what they score; NULL where they were named."""

    selector: Selector
    features: list[int]
    scores: list[float | None]


def rank_features(
    selector: Selector, settings: ShiftSettings, layer: int, activity: Floats, roles: Roles, described: StepFolder
) -> Choice:
    """At most as many features as are ever changed; ``activity`` [n, F]: mean activation in each of ``roles``' cells.

    Raises RequestError if a selector finds none.
    """
    most = max(settings.n_features)
    if selector == "named":
        named = [one.feature for one in settings.features if one.layer == layer][:most]
        wrong = [one for one in named if one >= activity.shape[1]]
        if wrong:
            raise RequestError(
                f"shift.features names feature {wrong[0]} of layer {layer}, whose autoencoder has features 0 to "
                f"{activity.shape[1] - 1}"
            )
        return Choice(selector, named, [None] * len(named))
    if selector in ("batch", "type"):
        score = telling_scores(selector, settings.min_cells, activity[roles.chooses], roles)
    else:
        score = _looked_up(selector, settings, activity.shape[1], described)
    order = [int(one) for one in np.argsort(-score, kind="stable")[:most] if score[one] > 0]
    if not order:
        raise RequestError(
            f"shift.selectors: {selector} finds no feature in layer {layer}: leave it out, or name others"
        )
    return Choice(selector, order, [float(score[one]) for one in order])


def telling_scores(selector: Selector, min_cells: int, activity: Floats, roles: Roles) -> Floats:
    """|2 AUROC - 1| [F] of the group that each feature tells best; 0 for a feature that is active in too few cells."""
    label, batch = roles.label[roles.chooses], roles.batch[roles.chooses]
    group, strata = (batch, label) if selector == "batch" else (label, batch)
    names, own = _numbered(group)
    large = np.bincount(own, minlength=len(names)) >= min_cells
    found = StratifiedRanks.of(csr_matrix(activity), _numbered(strata)[1]).compare(own, len(names))
    apart = np.nan_to_num(np.abs(2 * found.auroc - 1))[:, large].max(axis=1)
    return np.where((activity > 0).sum(axis=0) >= min_cells, apart, 0.0)


def _looked_up(selector: Selector, settings: ShiftSettings, n_features: int, described: StepFolder) -> Floats:
    if selector == "gene":
        wanted = {one.upper() for one in settings.genes}
        rows = described.read_table("feature_gene").filter(pl.col("symbol").str.to_uppercase().is_in(wanted))
        rows = rows.with_columns(found=pl.col("score"))
    else:
        rows = described.read_table("annotation").filter("significant", pl.col("term").is_in(list(settings.terms)))
        rows = rows.with_columns(found=-pl.col("q").clip(SMALLEST_Q).log10())
    score = np.zeros(n_features)
    best = rows.group_by("feature").agg(pl.col("found").max()).drop_nulls()
    score[best["feature"].to_numpy()] = best["found"].to_numpy()
    return score


def _numbered(names: Names) -> tuple[list[str], Ints]:
    found, own = np.unique(names.astype(str), return_inverse=True)
    return found.tolist(), own.astype(np.int64)
