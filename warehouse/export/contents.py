"""What is exported of a run: its features, their genes and the edges between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.errors import UnknownName
from warehouse.export.texts import writable_texts
from warehouse.neighbourhood import Feature, Part, neighbourhood
from warehouse.reading import open_snapshot
from warehouse.sql import statement

QUERIES = Path(__file__).parents[1] / "queries"
END = {"source": ["source_sae", "source_feature"], "target": ["target_sae", "target_feature"]}


@dataclass(frozen=True)
class Contents:
    """``edges`` has, beside its columns, the places ``source`` and ``target`` of its ends among ``features``.

    ``kept``: places of the features of ``part``, or of all. ``change``: what was done to sources (query ``ablation``:
    ablation, multiplier), None where that is not known.
    """

    run: dict[str, Any]
    features: pl.DataFrame
    genes: pl.DataFrame  # with the place ``row`` of the feature
    edges: pl.DataFrame
    rule: str  # that calls them
    effect: str
    kept: list[int]
    part: Part | None = None
    change: tuple[str, float | None] | None = None
    left_out: str = ""  # of a part, in words

    def pinned(self) -> list[int]:
        """Places of the pinned features among all."""
        place = {(sae_id, feature): row for row, (sae_id, feature) in enumerate(_keys(self.features))}
        return [place[one] for one in self.part.around.pinned] if self.part else []


def read_contents(
    home: Path | None, run_id: str | None, criterion: str | None, effect: str, part: Part | None = None
) -> Contents:
    """Everything of a run, of the newest one if ``run_id`` is None, or of its graph a part alone.

    Raises UnknownName, NoWarehouse.
    """
    with open_snapshot(home) as con:
        about = chosen_run(con, run_id)
        features = named_features(con, about["run_id"]).with_row_index("row")
        genes = _rows(con, "genes", about)
        rule = criterion or con.execute(statement("rule_of_run"), {"run_id": about["run_id"]}).fetchall()[0][0]
        bound = {"run_id": about["run_id"], "criterion": rule, "effect": effect}
        found = neighbourhood(partial(_ask, con, bound), part.around) if part else None
        edges = _rows(con, "edges", about, criterion=rule, effect=effect) if found is None else found.edges
        change = _ask(con, bound, "ablation").select("ablation", "multiplier").rows()
    places = features.select("sae_id", "feature", "row")
    for end, columns in END.items():
        edges = edges.join(
            places.rename({"row": end}), left_on=columns, right_on=["sae_id", "feature"], how="left",
            maintain_order="left",
        )  # fmt: skip
    genes = genes.join(places, on=["sae_id", "feature"], how="left")
    named = dict(zip(_keys(features), features["row"], strict=True))
    kept = list(named.values()) if found is None else sorted(named[one] for one in found.features)
    about_change = change[0] if change else None
    left_out = found.left_out() if found else ""
    return Contents(about, features.drop("row"), genes, edges, rule, effect, kept, part, about_change, left_out)


def features_named(home: Path | None, run_id: str | None, names: Sequence[str]) -> tuple[Feature, ...]:
    """Features by their names in exported files, as in L2_F17. Raises UnknownName for one that the run has not."""
    with open_snapshot(home) as con:
        run = chosen_run(con, run_id)["run_id"]
        features = named_features(con, run)
    known = dict(zip(features["name"], _keys(features), strict=True))
    for name in names:
        if name not in known:
            raise UnknownName(f"run {run} has no feature {name}: write layer and number, as in {features['name'][0]}")
    return tuple(dict.fromkeys(known[name] for name in names))


def _keys(features: pl.DataFrame) -> list[Feature]:
    return [(sae_id, feature) for sae_id, feature in features.select("sae_id", "feature").iter_rows()]


def _ask(con: duckdb.DuckDBPyConnection, bound: dict[str, Any], name: str, **more: Any) -> pl.DataFrame:  # noqa: ANN401
    """Rows of a named query, as pages ask it; of ``bound`` and ``more`` those values that it has a name for."""
    text = (QUERIES / f"{name}.sql").read_text()
    asked = {key: value for key, value in (bound | more).items() if re.search(rf"\${key}\b", text)}
    return con.execute(text, asked).pl()


def chosen_run(con: duckdb.DuckDBPyConnection, run_id: str | None) -> dict[str, Any]:
    """A run, or the newest one made here if ``run_id`` is None. Raises UnknownName if it is not published."""
    run = con.execute(statement("export_run"), {"run_id": run_id}).pl()
    if run.is_empty():
        raise UnknownName(f'run {run_id} is not published: `scfm sql "SELECT run_id, study FROM run"` lists all')
    return writable_texts(run).row(0, named=True)


def named_features(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """Table feature of a run, with a ``name`` for each: L2_F17, or where a layer has several autoencoders, theirs."""
    features = writable_texts(con.execute(statement("export_features"), {"run_id": run_id}).pl())
    return (
        features
        if features["name"].is_unique().all()
        else features.with_columns(name=pl.format("{}_F{}", "sae_id", "feature"))
    )


def _rows(con: duckdb.DuckDBPyConnection, name: str, run: dict[str, Any], **others: str) -> pl.DataFrame:
    return writable_texts(con.execute(statement(f"export_{name}"), {"run_id": run["run_id"], **others}).pl())
