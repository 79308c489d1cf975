"""Heat maps of features by labels of cells: fields against loops over the tables, and what the pages offer."""

import json
import math
from pathlib import Path

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.charts.heat import MEASURES, label_heat
from dashboards.panels.heat import MOST_LABELS, shown_labels
from dashboards.style import literal
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open

Con = duckdb.DuckDBPyConnection
TYPES = "SELECT * FROM feature_cell_type"
HOSTILE = "<b>B</b> cell"


def rows(con: Con, name: str, **asked: object) -> pl.DataFrame:
    (run_id,) = con.sql("SELECT run_id FROM run").fetchone()
    return ask(con, name, {"obs_column": "cell type", "label": None, "run_id": run_id, **asked}).pl()


def test_the_best_of_every_label_are_those_of_the_table(snapshot: Con) -> None:
    alive = set(snapshot.sql("SELECT sae_id, feature FROM feature WHERE alive").fetchall())
    tested = [row for row in snapshot.sql(TYPES).pl().to_dicts() if (row["sae_id"], row["feature"]) in alive]
    found = rows(snapshot, "label_best", n_rows=4)
    for label in {row["cell_type"] for row in tested}:
        own = [row for row in tested if row["cell_type"] == label]
        own.sort(key=lambda row: (not row["called"], -(row["auroc_low"] or 0), row["q"], row["sae_id"], row["feature"]))
        best = [(row["sae_id"], row["feature"]) for row in own[:4]]
        assert found.filter(label=label).select("sae_id", "feature").rows() == best
        assert rows(snapshot, "label_best", n_rows=4, label=label).equals(found.filter(label=label))


def test_fields_are_those_of_the_table_in_the_order_of_the_spots(snapshot: Con) -> None:
    tested = {(row["sae_id"], row["feature"], row["cell_type"]): row for row in snapshot.sql(TYPES).pl().to_dicts()}
    spots = sorted({key[:2] for key in tested}, reverse=True)[:7]
    found = rows(snapshot, "feature_heat", spots=[f"{sae_id} {feature}" for sae_id, feature in spots])
    assert found.select("sae_id", "feature").unique(maintain_order=True).rows() == spots
    assert found.height == sum(key[:2] in spots for key in tested)
    for row in found.to_dicts():
        own = tested[row["sae_id"], row["feature"], row["label"]]
        assert [row[name] for name in ("auroc", "log2_fold", "q", "marks")] == [
            own[name] for name in ("auroc", "log2_fold", "q", "called")
        ]
        assert row["fires"] == own["n_active"] / own["n_cells"]
    labels, cut = shown_labels(found, None)
    figure = label_heat(found, "auroc", labels)
    for name, line in zip(figure.data[0].y, figure.data[0].z, strict=True):
        for label, value in zip(labels, line, strict=True):
            layer, feature = (int(part) for part in name.split()[0].removeprefix("L").split("_F"))
            own = found.filter(layer=layer, feature=feature, label=label)["auroc"]
            assert value == (own[0] if own.len() else None)
    assert len(figure.data[1].x) == found["marks"].sum()
    assert cut == ""


def heat_rows(aurocs: list[float | None], labels: list[str]) -> pl.DataFrame:
    n = len(aurocs)
    same = {"sae_id": "a", "layer": 0, "feature": 1, "name": HOSTILE, "n_cells": 9, "q": 0.01, "marks": True}
    other = dict.fromkeys(("auroc_low", "log2_fold", "fires", "log2_odds"))
    kinds = dict.fromkeys(("auroc", *other), pl.Float64)
    values = {"label": labels, "auroc": aurocs, **{name: [value] * n for name, value in (same | other).items()}}
    return pl.DataFrame(values, schema_overrides=kinds)


def test_colours_turn_in_the_middle_and_what_is_not_known_is_blank() -> None:
    labels = ["a", HOSTILE, "c"]
    heat, dots = literal(label_heat(heat_rows([0.9, 0.45, None], labels), "auroc", labels)).data
    assert heat.zmax - 0.5 == pytest.approx(0.5 - heat.zmin) == pytest.approx(0.4)
    assert list(heat.z[0]) == [0.9, 0.45, None]
    assert list(dots.x) == ["a", "&lt;b&gt;B&lt;/b&gt; cell"]
    assert "<b>" not in str(heat.y) + str(heat.x)
    flat = label_heat(heat_rows([0.5], ["a"]), "auroc", ["a"]).data[0]
    assert flat.zmin < 0.5 < flat.zmax


def test_the_label_at_hand_is_first_and_labels_of_few_cells_are_left_out() -> None:
    many = heat_rows([0.6] * 70, [f"l{number:02d}" for number in range(70)])
    sizes = many.with_columns(n_cells=pl.Series(range(70)))
    labels, cut = shown_labels(sizes, "l00")
    assert labels == ["l00", *(f"l{number:02d}" for number in range(70 - MOST_LABELS, 70))]
    assert "The 9 labels of fewest cells" in cut
    assert shown_labels(sizes, "elsewhere")[0] == labels[1:]


def heat_of(app: AppTest) -> dict:
    assert not app.exception
    assert not app.error
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return next(trace for figure in figures for trace in figure["data"] if trace["type"] == "heatmap")


def test_the_page_of_a_type_shows_its_best_features_by_all_types(home: Path, open_page: Open, snapshot: Con) -> None:
    app = open_page("cell_type", type="cell type / Platelet", heat="that tell each label", heat_of="log2_fold")
    types = [
        name for (name,) in snapshot.sql("SELECT DISTINCT cell_type FROM feature_cell_type ORDER BY ALL").fetchall()
    ]
    heat = heat_of(app)
    assert heat["x"] == types
    best = rows(snapshot, "label_best", n_rows=3).unique(["sae_id", "feature"])
    assert len(heat["y"]) == best.height
    assert app.query_params["heat_of"] == "log2_fold"


def test_features_that_a_search_found_have_a_map(home: Path, open_page: Open, snapshot: Con) -> None:
    found = snapshot.sql("SELECT count(DISTINCT (sae_id, feature)) FROM feature_gene WHERE symbol = 'CD79A' AND shown")
    (n,) = found.fetchone()
    heat = heat_of(open_page("features", search="CD79A", tab="Heat map"))
    assert len(heat["y"]) == n


def test_published_odds_stand_where_nothing_was_compared(atlas_home: Path, open_page: Open) -> None:
    app = open_page("features", tab="Heat map")
    known = [value for line in heat_of(app)["z"] for value in line if value is not None]
    assert known
    assert all(math.isfinite(value) for value in known)
    assert MEASURES["log2_odds"].says in " ".join(caption.value for caption in app.caption)


def test_a_column_that_is_not_there_is_said(home: Path, open_page: Open) -> None:
    app = open_page("features", heat_by="<b>x</b>")
    assert not app.exception
    assert "This run has no heat" in app.warning[0].value
