"""Rows of tables ``feature_label``, ``feature_label_score``, ``feature_label_published`` and ``feature_tissue``.

A family of tests is all features and labels of all columns, with and without ``given`` apart. Rows with a p above
``keep_p`` are left out, but for each feature's smallest p of a column: what can have a q up to ``keep_p`` is complete,
and with the number of tests (``label_summary``) that q can be computed again.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.labels.columns import Labels
from tasks.analyses.labels.comparison import Comparison, Ranked
from tasks.analyses.labels.scores import Score, Scored
from tasks.analyses.labels.top_cells import TopCells, TopLabels
from tasks.cells.reader import TISSUE
from tasks.statistics import benjamini_hochberg
from tasks.store import table_frame

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TISSUE_RULE = "published_geneformer"


def family_q(p: Sequence[Floats]) -> list[Floats]:
    """q of every p of one family, in the shapes that came in; NaN, which is no test, stays NaN."""
    flat = np.concatenate([np.empty(0), *(one.ravel() for one in p)])
    tested = ~np.isnan(flat)
    q = np.full(flat.size, np.nan)
    q[tested] = benjamini_hochberg(flat[tested])
    ends = np.cumsum([one.size for one in p])
    return [part.reshape(one.shape) for part, one in zip(np.split(q, ends[:-1]), p, strict=True)] if p else []


def called(q: Floats, auroc: Floats, alpha: float) -> NDArray[np.bool_]:
    """Which features mark which labels: more active there, at a false discovery rate of ``alpha``."""
    found: NDArray[np.bool_] = (q <= alpha) & (auroc > 0.5)
    return found


def label_rows(
    ranked: Ranked, found: Comparison, folds: Floats, q: Floats, donor_q: Floats, features: Ints, alpha: float
) -> pl.DataFrame:
    """Every feature and label of a column, in that order. ``folds``, ``q``, ``donor_q`` [F, T]; ``features`` [F]."""
    n_features, tested, each = features.size, ranked.tested, np.arange(ranked.tested.size)
    names = [ranked.labels.names[one] for one in tested]
    per_label = {
        "label": pl.Series(names, dtype=pl.String),
        "unit": pl.Series(np.where(found.by_donor, "donor", "cell").tolist(), dtype=pl.String),
        "n_cells": pl.Series(found.n_cells),
        "n_others": pl.Series(found.n_others),
        "n_donors": pl.Series(found.n_donors),
    }
    per_pair = {
        "auroc": found.auroc, "low": found.low, "high": found.high, "log2_fold": folds, "p": found.p, "q": q,
        "donor_auroc": found.donor_auroc, "donor_p": found.donor_p, "donor_q": donor_q,
    }  # fmt: skip
    columns: dict[str, object] = {"feature": np.repeat(features.astype(np.uint32), tested.size)}
    columns |= {name: values.gather(np.tile(each, n_features)) for name, values in per_label.items()}
    columns |= {name: values.ravel() for name, values in per_pair.items()}
    rows = pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
    return rows.with_columns(
        obs_column=pl.lit(ranked.labels.column),
        strata=pl.when(pl.col("unit") == "donor")
        .then(pl.lit(ranked.strata.words_across))
        .otherwise(pl.lit(ranked.strata.words)),
        significant=pl.Series(called(q, found.auroc, alpha).ravel()),
    )


def n_tests(p: Floats) -> int:
    """How many p there are."""
    return int(np.count_nonzero(~np.isnan(p)))


def keep(rows: pl.DataFrame, keep_p: float) -> pl.DataFrame:
    """Rows with p up to ``keep_p``, and of each feature the first with its smallest p."""
    best = pl.col("p").fill_null(2.0).arg_min().over("feature") == pl.int_range(pl.len()).over("feature")
    return rows.filter((pl.col("p") <= keep_p) | best)


def score_rows(labels: Labels, scored: Sequence[Scored], q: Sequence[Floats], features: Ints) -> pl.DataFrame:
    """Rows of table ``feature_label_score`` behind sae_id for one column."""
    parts = [
        pl.DataFrame(
            {
                "feature": features.astype(np.uint32),
                "obs_column": [labels.column] * features.size,
                "label": [labels.names[one.label]] * features.size,
                "score_kind": [one.kind] * features.size,
                "threshold": one.threshold,
                "train_value": one.train,
                "heldout_value": one.heldout,
                "null_mean": one.null_mean,
                "null_sd": one.null_sd,
                "p": one.p,
                "q": own_q,
            }
        )
        for one, own_q in zip(scored, q, strict=True)
    ]
    nothing = table_frame("feature_label_score", []).drop("sae_id")
    return pl.concat([nothing, *parts], how="diagonal_relaxed").with_columns(pl.col(pl.Float64).fill_nan(None))


def best_rows(ranked: Ranked, kind: Score, value: Floats, threshold: Floats, features: Ints) -> pl.DataFrame:
    """Each feature's best label by a published score: rows of table ``feature_label_score``. ``value`` [F, T]."""
    best = value.argmax(axis=1) if value.size else np.empty(0, dtype=np.int64)
    row = np.arange(best.size)
    return pl.DataFrame(
        {
            "feature": features.astype(np.uint32),
            "obs_column": pl.Series([ranked.labels.column] * features.size, dtype=pl.String),
            "label": pl.Series([ranked.labels.names[ranked.tested[one]] for one in best], dtype=pl.String),
            "score_kind": pl.Series([f"published_{kind}"] * features.size, dtype=pl.String),
            "threshold": threshold[row, best],
            "train_value": value[row, best],
        }
    )


def published_rows(labels: Labels, cells: TopCells, found: TopLabels, features: Ints, alpha: float) -> pl.DataFrame:
    """Labels that a published rule calls: rows of table ``feature_label_published`` behind sae_id."""
    row, label = np.nonzero(found.q <= alpha)
    odds = found.odds[row, label]
    infinite = np.isinf(odds)
    return pl.DataFrame(
        {
            "feature": features[row].astype(np.uint32),
            "obs_column": pl.Series([labels.column] * row.size, dtype=pl.String),
            "label": pl.Series([labels.names[one] for one in label], dtype=pl.String),
            "rule": pl.Series([f"published_{cells.rule}"] * row.size, dtype=pl.String),
            "n_top": found.n_top[row],
            "n_top_label": found.overlap[row, label],
            "odds_ratio": pl.Series(np.where(infinite, np.nan, odds)).fill_nan(None),
            "odds_ratio_infinite": infinite,
            "p": found.p[row, label],
            "q": found.q[row, label],
        }
    )


def tissue_rows(published: pl.DataFrame) -> pl.DataFrame:
    """Rows of table ``feature_tissue`` behind sae_id: those of ``feature_label_published`` that are about tissues.

    By the rule that looks at cells alone in which the feature is active; the other one stays in that table.
    """
    rows = published.filter(obs_column=TISSUE, rule=TISSUE_RULE).sort("feature", "label")
    return rows.select("feature", "q", "odds_ratio", "odds_ratio_infinite", "rule", tissue="label")
