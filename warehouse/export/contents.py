"""What is exported of a run: its features, their genes and the edges between them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.errors import UnknownName
from warehouse.export.texts import writable_texts
from warehouse.reading import open_snapshot
from warehouse.sql import statement

END = {"source": ["source_sae", "source_feature"], "target": ["target_sae", "target_feature"]}


@dataclass(frozen=True)
class Contents:
    """``edges`` has, beside its columns, the places ``source`` and ``target`` of its ends among ``features``."""

    run: dict[str, Any]
    features: pl.DataFrame
    genes: pl.DataFrame  # with the place ``row`` of the feature
    edges: pl.DataFrame
    rule: str  # that calls them


def read_contents(home: Path | None, run_id: str | None, criterion: str | None, effect: str) -> Contents:
    """Everything of a run, of the newest one if ``run_id`` is None. Raises UnknownName, NoWarehouse."""
    with open_snapshot(home) as con:
        about = chosen_run(con, run_id)
        features = _unique_names(_rows(con, "features", about)).with_row_index("row")
        genes = _rows(con, "genes", about)
        rule = criterion or con.execute(statement("rule_of_run"), {"run_id": about["run_id"]}).fetchall()[0][0]
        edges = _rows(con, "edges", about, criterion=rule, effect=effect)
    places = features.select("sae_id", "feature", "row")
    for end, columns in END.items():
        edges = edges.join(places.rename({"row": end}), left_on=columns, right_on=["sae_id", "feature"], how="left")
    genes = genes.join(places, on=["sae_id", "feature"], how="left")
    return Contents(about, features.drop("row"), genes, edges, rule)


def chosen_run(con: duckdb.DuckDBPyConnection, run_id: str | None) -> dict[str, Any]:
    """A run, or the newest one made here if ``run_id`` is None. Raises UnknownName if it is not published."""
    run = con.execute(statement("export_run"), {"run_id": run_id}).pl()
    if run.is_empty():
        raise UnknownName(f'run {run_id} is not published: `scfm sql "SELECT run_id, study FROM run"` lists all')
    return writable_texts(run).row(0, named=True)


def _rows(con: duckdb.DuckDBPyConnection, name: str, run: dict[str, Any], **others: str) -> pl.DataFrame:
    return writable_texts(con.execute(statement(f"export_{name}"), {"run_id": run["run_id"], **others}).pl())


def _unique_names(features: pl.DataFrame) -> pl.DataFrame:
    """Where a layer has several autoencoders, names say which."""
    if features["name"].is_unique().all():
        return features
    return features.with_columns(name=pl.format("{}_F{}", "sae_id", "feature"))
