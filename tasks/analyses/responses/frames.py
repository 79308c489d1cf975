"""Rows of tables ``perturbation`` and ``perturbation_response``."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from tasks.analyses.responses.folds import Controls, Folds, fold_of
from tasks.analyses.responses.labels import CellLabels, gene_places
from tasks.analyses.responses.settings import ResponsesSettings
from tasks.analyses.responses.sums import ScreenSums
from tasks.store import conform

Row = dict[str, object]
NO_CONTROL = "no control cells in its line and batch"
NO_GENE = "its label names no gene of the file"
SEVERAL = "several genes were switched off together"


def response_rows(
    settings: ResponsesSettings, labels: CellLabels, sums: ScreenSums, genes: pl.DataFrame
) -> Iterator[tuple[Row, pl.DataFrame | None]]:
    """Of every perturbation in every line its row, and those of its responses; None where it is not measured.

    ``genes``: gene_id and symbol, in the order of the sums.
    """
    places = gene_places(genes["gene_id"].to_list(), genes["symbol"].to_list())
    controls = Controls.of(sums.control)
    for group, (line, number) in enumerate(sums.groups):
        name = labels.names[number]
        target = places.get(name.upper())
        key: Row = {"line": labels.lines[line], "perturbation": name}
        row = key | _size(sums, labels, group, number)
        row |= {"gene": None if target is None else genes["symbol"][target]}
        reason = _unmeasured(settings, sums, group)
        if reason:
            yield row | {"reason": reason}, None
            continue
        folds = fold_of(sums, controls, group, settings.min_counts)
        row |= {"n_measured": int(folds.measured.sum()), "n_responding": int((folds.q <= settings.alpha).sum())}
        yield row | _on_target(settings, folds, target, name), _responses(key, folds, genes)


def _size(sums: ScreenSums, labels: CellLabels, group: int, number: int) -> Row:
    strata = sums.cells[group] > 0
    return {
        "n_genes": labels.names[number].count("+") + 1,
        "n_cells": int(sums.cells[group].sum()),
        "n_unmatched": int(sums.unmatched[group]),
        "n_guides": None if labels.n_guides is None else labels.n_guides[number],
        "n_batches": int(strata.sum()),
        "n_control": int(sums.control.n_cells[strata].sum()),
        "n_measured": 0,
        "n_responding": None,
        "on_target_log2": None,
        "on_target_se": None,
        "on_target_p": None,
        "reason": None,
    }


def _unmeasured(settings: ResponsesSettings, sums: ScreenSums, group: int) -> str | None:
    n, lost = int(sums.cells[group].sum()), int(sums.unmatched[group])
    if n == 0 and lost:
        return NO_CONTROL
    if n < settings.min_cells:
        return f"{n} cells beside control cells, fewer than {settings.min_cells}"
    return None


def _on_target(settings: ResponsesSettings, folds: Folds, target: int | None, name: str) -> Row:
    if target is None:
        return {"reason": SEVERAL if "+" in name else NO_GENE}
    if not folds.measured[target]:
        counts = f"{folds.expected[target]:.1f} counts of its gene expected, fewer than {settings.min_counts:g}"
        return {"reason": counts}
    values = {"on_target_log2": folds.log2_fold, "on_target_se": folds.se, "on_target_p": folds.p}
    return {column: float(value[target]) for column, value in values.items()}


def _responses(key: Row, folds: Folds, genes: pl.DataFrame) -> pl.DataFrame:
    kept = np.flatnonzero(folds.measured)
    columns = {
        "observed": folds.observed,
        "expected": folds.expected,
        "log2_fold": folds.log2_fold,
        "se": folds.se,
        "p": folds.p,
        "q": folds.q,
        "published_log2": folds.published,
        "published_e1_log2": folds.published_e1,
    }
    frame = genes[kept].select("gene_id", "symbol")
    values = [pl.Series(name, value[kept]) for name, value in columns.items()]
    return conform(
        "perturbation_response",
        frame.with_columns(*(pl.lit(value).alias(name) for name, value in key.items()), *values),
    )
