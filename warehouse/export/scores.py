"""What features say of labels, genes and expression as one wide table: a row a feature, two rows of heads."""

import csv
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from warehouse.errors import UnknownName
from warehouse.export.contents import chosen_run, named_features
from warehouse.export.export import whole_file
from warehouse.export.texts import writable_texts
from warehouse.reading import open_snapshot
from warehouse.sql import statement

HEADS = ["analysis_type", "metric"]  # as published tables of scores have them
DENSITY = "density"  # the one analysis that every run has


@dataclass(frozen=True)
class ScoresReport:
    """What was written."""

    run_id: str
    n_features: int
    n_columns: int


def export_scores(path: Path, home: Path | None = None, run_id: str | None = None) -> ScoresReport:
    """Write a run's scores as CSV: first the analysis over each column, then the metric, then a row a living feature.

    A score that the warehouse does not keep is empty. ``run_id`` None is the newest run made here, else the newest
    imported one. Raises UnknownName for an unknown run or one without scores; NoWarehouse; OutOfSpace.
    """
    with open_snapshot(home) as con:
        run = str(chosen_run(con, run_id)["run_id"])
        features = named_features(con, run).filter("alive").select("sae_id", "feature", "name")
        scores = writable_texts(con.execute(statement("export_scores"), {"run_id": run}).pl())
    if scores.filter(pl.col(HEADS[0]) != DENSITY).is_empty():
        raise UnknownName(
            f"run {run} holds no scores: set labels.wanted = true and run the study again, or name another"
        )
    columns = scores.select(HEADS).unique(maintain_order=True).with_row_index("column")
    cells = scores.join(columns, on=HEADS).join(features.with_row_index("row"), on=["sae_id", "feature"])
    rows = [[name, *[""] * columns.height] for name in features["name"]]
    for row, column, value in cells.select("row", "column", "value").iter_rows():
        rows[row][column + 1] = repr(value)
    heads = [[head, *columns[head]] for head in HEADS]
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*heads, *rows])
    return ScoresReport(run, features.height, columns.height)
