"""Tables ``feature_label``, ``feature_label_published``, ``feature_label_score`` and ``label_summary``."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from tasks.analyses.labels.comparison import Ranked
from tasks.analyses.labels.design import Design
from tasks.analyses.labels.folds import log_folds
from tasks.analyses.labels.rates import (
    Codes,
    Rates,
    ScoreFamily,
    best_rules,
    count_called,
    permutations,
    published_tops,
    summary_frame,
    tested,
    top_rule,
    unstratified,
)
from tasks.analyses.labels.scores import SCORES, score_labels
from tasks.analyses.labels.step import LabelsSettings
from tasks.analyses.labels.sums import LabelSums
from tasks.analyses.labels.tables import best_rows, family_q, keep, label_rows, n_tests, published_rows, score_rows
from tasks.analyses.labels.top_cells import top_labels
from tasks.codes.axes import Axes
from tasks.store import table_frame

Ints = NDArray[np.int64]
Tables = dict[str, pl.DataFrame]
Row = dict[str, object]
WITHIN_STRATA = ("stratified", *SCORES)
ROWS = {  # the order of rows behind sae_id
    "feature_label": ["feature", "obs_column", "label", "conditional"],
    "feature_label_published": ["feature", "obs_column", "label", "rule"],
    "feature_label_score": ["feature", "obs_column", "label", "score_kind"],
}


@dataclass(frozen=True)
class CellValues:
    """Of the ``features`` [F] that fire, by cell, all sparse [C, F]: mean activation over the cell's positions (zeros
    included) and over those where it fires, and the largest."""

    features: Ints
    mean: csr_matrix
    when_active: csr_matrix
    maximum: csr_matrix

    @classmethod
    def of(cls, sums: LabelSums, axes: Axes) -> "CellValues":
        """From the sums of a pass over the firings."""
        features = np.flatnonzero(sums.count.getnnz(axis=0))
        total, count, maximum = (csr_matrix(one[:, features]) for one in (sums.total, sums.count, sums.maximum))
        when_active = csr_matrix((total.data / count.data, total.indices, total.indptr), shape=total.shape)
        return cls(features, csr_matrix(diags(1.0 / axes.cell_count) @ total), when_active, maximum)


def associate(settings: LabelsSettings, design: Design, values: CellValues) -> Tables:
    """All columns, without and with ``given``."""
    frames: dict[str, list[pl.DataFrame]] = {table: [] for table in ROWS}
    summary = [_left_out(column, reason) for column, reason in design.columns.left_out.items()]
    for conditional in design.conditions:
        ranked, left_out = _rank(settings, design, values, conditional)
        drawn = permutations(ranked, settings.null_draws, settings.seed)
        rows, counted = _tests(settings, values, ranked, drawn, conditional)
        frames["feature_label"] += rows
        summary += left_out + counted
        if not conditional:
            frames["feature_label_published"], counted = _published(settings, values, ranked, drawn)
            frames["feature_label_score"], scored = _scores(settings, design, values, ranked, drawn)
            summary += counted + scored
    tables = {table: _in_order(table, found) for table, found in frames.items()}
    kept = pl.lit(settings.keep_p).alias("keep_p")
    return tables | {"label_summary": summary_frame(summary).with_columns(kept)}


def _rank(
    settings: LabelsSettings, design: Design, values: CellValues, conditional: bool
) -> tuple[list[Ranked], list[Row]]:
    """The columns that can be compared, and rows that say why others cannot."""
    ranked, left_out = [], []
    for labels in design.compared(conditional):
        strata = design.strata(labels, conditional)
        one = (
            Ranked(values.mean, labels, strata, settings.min_cells, settings.min_donors) if strata.cells.any() else None
        )
        if one is None or not one.tested.size:
            reason = f"too few cells have a value of {labels.column} and of what they are compared within"
            left_out.append(_left_out(labels.column, reason, conditional))
        else:
            ranked.append(one)
    return ranked, left_out


def _tests(
    settings: LabelsSettings, values: CellValues, ranked: Sequence[Ranked], drawn: Sequence[Codes], conditional: bool
) -> tuple[list[pl.DataFrame], list[Row]]:
    """The stratified test, and without a condition the rate of the unstratified one."""
    found = [one.compare() for one in ranked]
    q, donor_q = family_q([one.p for one in found]), family_q([one.donor_p for one in found])
    rows = []
    for one, compared, own_q, own_donor_q in zip(ranked, found, q, donor_q, strict=True):
        folds = log_folds(values.mean[one.strata.cells], one.code, len(one.labels.names), one.strata.donor)
        every = label_rows(one, compared, folds[:, one.tested], own_q, own_donor_q, values.features, settings.alpha)
        rows.append(keep(every, settings.keep_p).with_columns(conditional=pl.lit(conditional)))
    rates = count_called(tested(ranked, settings.alpha), ranked, drawn)
    summary = _summaries("stratified", ranked, values, [n_tests(one.p) for one in found], rates, conditional)
    if not conditional:
        plain = unstratified(values.mean, ranked, settings.min_cells)
        rates = count_called(tested(plain, settings.alpha), ranked, drawn)
        summary += _summaries("unstratified", ranked, values, [one.p.size for one in found], rates)
    return rows, summary


def _published(
    settings: LabelsSettings, values: CellValues, ranked: Sequence[Ranked], drawn: Sequence[Codes]
) -> tuple[list[pl.DataFrame], list[Row]]:
    rows, summary = [], []
    for name, tops in published_tops(values.when_active, ranked).items():
        found = [top_labels(top, one.code, len(one.labels.names)) for top, one in zip(tops, ranked, strict=True)]
        for one, top, labels in zip(ranked, tops, found, strict=True):
            rows.append(published_rows(one.labels, top, labels, values.features, settings.alpha))
        rates = count_called(top_rule(tops, ranked, settings.alpha), ranked, drawn)
        summary += _summaries(name, ranked, values, [n_tests(one.p) for one in found], rates)
    return rows, summary


def _scores(
    settings: LabelsSettings, design: Design, values: CellValues, ranked: Sequence[Ranked], drawn: Sequence[Codes]
) -> tuple[list[pl.DataFrame], list[Row]]:
    """The scores on held-out cells, and the published ones."""
    scored = [
        score_labels(values.maximum, one, design.heldout, settings.null_draws, [settings.seed, number])
        for number, one in enumerate(ranked)
    ]
    rows, summary = [], []
    for kind in SCORES:
        family = ScoreFamily([[score for score in column if score.kind == kind] for column in scored], settings.alpha)
        for one, column, q in zip(ranked, family.columns, family.q, strict=True):
            rows.append(keep(score_rows(one.labels, column, q, values.features), settings.keep_p))
        summary += _summaries(kind, ranked, values, family.n_tests, family.rates(values.features.size))
    for kind, (best, rule) in best_rules(values.maximum, ranked).items():
        for one, five in zip(ranked, best, strict=True):
            rows.append(best_rows(one, kind, *five.score(kind, one.code, one.tested), values.features))
        rates = count_called(rule, ranked, drawn)
        summary += _summaries(f"published_{kind}", ranked, values, [0] * len(ranked), rates)
    return rows, summary


def _summaries(
    rule: str,
    ranked: Sequence[Ranked],
    values: CellValues,
    counts: Sequence[int],
    rates: Rates,
    conditional: bool = False,
) -> list[Row]:
    return [
        {
            "obs_column": one.labels.column,
            "conditional": conditional,
            "rule": rule,
            "strata": one.words if rule in WITHIN_STRATA else None,
            "n_cells": one.code.size,
            "n_missing": one.strata.cells.size - one.code.size,
            "n_labels": len(one.labels.names),
            "n_tested": one.tested.size,
            "n_features": values.features.size,
            "n_tests": tests,
            **rates.row(place, values.features.size),
            "reason": None,
        }
        for place, (one, tests) in enumerate(zip(ranked, counts, strict=True))
    ]


def _left_out(column: str, reason: str, conditional: bool = False) -> Row:
    """The row of a column that is not compared."""
    named = {"obs_column": column, "conditional": conditional, "rule": "stratified", "strata": None, "reason": reason}
    counts = ("n_cells", "n_missing", "n_labels", "n_tested", "n_features", "n_tests", "n_called", "n_null")
    return {**named, **dict.fromkeys(counts, 0), **dict.fromkeys(("called_fraction", "null_mean", "null_sd"), None)}


def _in_order(table: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """All rows of a table behind sae_id, also if there are none."""
    nothing = table_frame(table, []).drop("sae_id")
    return pl.concat([nothing, *parts], how="diagonal_relaxed").select(nothing.columns).sort(ROWS[table])
