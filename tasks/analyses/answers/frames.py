"""Rows of the three tables of step ``answers``, without the autoencoder's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tasks.analyses.answers.compare import Compared, least_auroc
from tasks.analyses.answers.published import published_calls
from tasks.analyses.answers.specific import Specific
from tasks.analyses.answers.step import AnswersSettings
from tasks.analyses.responses.labels import CellLabels

Floats = NDArray[np.float64]
Row = dict[str, object]
NO_TEST = "no feature fires often enough in these cells"
ROWS = {
    "line": pl.String,
    "perturbation": pl.String,
    "rule": pl.String,
    "feature": pl.Int64,
    "auroc": pl.Float64,
    "p": pl.Float64,
    "q": pl.Float64,
    "n_firings": pl.Int64,
    "effect": pl.Float64,
}


@dataclass(frozen=True)
class Found:
    """What was found of all perturbations: tests of features with their q, of genes, and published effects [F]."""

    features: Sequence[Compared]
    q: Sequence[Floats]
    genes: Sequence[Compared]
    genes_q: Sequence[Floats]
    effects: Sequence[Floats]
    specific: Specific
    n_known: Sequence[int | None]


def target_rows(settings: AnswersSettings, labels: CellLabels, found: Found) -> list[Row]:
    """Table ``perturbation_answer``."""
    return [_target_row(settings, labels, found, place) for place in range(len(found.features))]


def _target_row(settings: AnswersSettings, labels: CellLabels, found: Found, place: int) -> Row:
    one, genes = found.features[place], found.genes[place]
    row: Row = {
        "line": labels.lines[one.line],
        "perturbation": labels.names[one.perturbation],
        "n_cells": one.n_cells,
        "n_control": one.n_control,
        "n_tested": len(one.tested),
        "n_published": len(published_calls(found.effects[place])) if one.n_cells else 0,
        "n_known_targets": found.n_known[place],
        "n_genes_tested": len(genes.tested),
    }
    if not len(one.tested):
        few = f"{one.n_cells} cells and {one.n_control} control cells, fewer than {settings.min_cells}"
        nothing = dict.fromkeys(("n_answering", "n_specific", "least_auroc", "n_genes_answering"))
        return row | nothing | {"reason": few if min(one.n_cells, one.n_control) < settings.min_cells else NO_TEST}
    return row | {
        "n_answering": int((found.q[place] <= settings.alpha).sum()),
        "n_specific": found.specific.by_factor[place],
        "least_auroc": least_auroc(one.n_cells, one.n_control, len(one.tested), settings.alpha),
        "n_genes_answering": int((found.genes_q[place] <= settings.alpha).sum()),
        "reason": None,
    }


def feature_rows(settings: AnswersSettings, labels: CellLabels, found: Found) -> pl.DataFrame:
    """Table ``feature_answer``: tests with p of at most ``keep_p``, and what the published rule calls."""
    frames = [pl.DataFrame(schema=ROWS)]
    for one, q, effect in zip(found.features, found.q, found.effects, strict=True):
        names = {"line": labels.lines[one.line], "perturbation": labels.names[one.perturbation]}
        kept = np.flatnonzero(one.p <= settings.keep_p)
        kept = kept[np.argsort(one.p[kept], kind="stable")]
        own: dict[str, NDArray[np.generic]] = {
            "feature": one.tested[kept],
            "auroc": one.auroc[kept],
            "p": one.p[kept],
            "q": q[kept],
        }
        own |= {"n_firings": one.n_firings[kept], "effect": effect[one.tested[kept]]}
        called = published_calls(effect) if one.n_cells else np.zeros(0, dtype=np.int64)
        frames.append(_frame(names | {"rule": "own"}, own))
        frames.append(_frame(names | {"rule": "published"}, {"feature": called, "effect": effect[called]}))
    return pl.concat(frames)


def _frame(words: Mapping[str, str], columns: Mapping[str, NDArray[np.generic]]) -> pl.DataFrame:
    n = len(columns["feature"])
    values = [
        pl.Series(name, columns[name], dtype=kind)
        if name in columns
        else pl.repeat(words.get(name), n, dtype=kind, eager=True).alias(name)
        for name, kind in ROWS.items()
    ]
    return pl.DataFrame(values)


def summary_row(
    settings: AnswersSettings, targets: Sequence[Row], found: Found, mocks: Sequence[Compared], n_mock_called: int
) -> Row:
    """Table ``answer_summary``: one row."""
    tested = [row for row in targets if row["reason"] is None]
    p = np.concatenate([np.zeros(0), *(one.p for one in mocks)])
    specific = found.specific
    return {
        "n_perturbations": len(tested),
        "n_tests": sum(len(one.tested) for one in found.features),
        "n_answering": sum(int((q <= settings.alpha).sum()) for q in found.q),
        "n_mock": sum(len(one.tested) > 0 for one in mocks),
        "n_mock_tests": len(p),
        "mock_rate": float((p < settings.alpha).mean()) if len(p) else None,
        "n_mock_answering": n_mock_called if len(p) else None,
        "n_factors": specific.n_factors,
        "n_specific_factors": specific.observed,
        "expected_specific": specific.expected,
        "p_specific": specific.p,
        "reason": None if tested else "no perturbation has enough cells, control cells and firings",
    }
