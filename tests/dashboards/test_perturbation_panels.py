"""Perturbed cells on page Knowledge: figures show the rows of their queries, baselines stand beside accuracies."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from dashboards.charts.perturbations import (
    answer_bars,
    excess_intervals,
    on_target_points,
    response_points,
    shift_points,
    strength_points,
)
from tests.builders.dashboard_queries import WIDE, edge_params
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask

TABS = ["Perturbations", "Predicted directions", "Answering features", "Strength of knock-downs"]


def rows_of(snapshot: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return ask(snapshot, query, {**WIDE, **edge_params(snapshot)}).pl()


def test_points_are_the_rows_of_their_queries(snapshot: duckdb.DuckDBPyConnection) -> None:
    screen, genes = rows_of(snapshot, "screen_perturbations"), rows_of(snapshot, "screen_genes")
    assert sum(len(one.x) for one in on_target_points(screen).data) == screen.height > 0
    assert sum(len(one.x) for one in response_points(genes).data) == genes.height > 0
    shifts = rows_of(snapshot, "knock_down_strengths")
    assert [len(one.x) for one in shift_points(shifts).data] == [shifts.height] == [1]
    answers = rows_of(snapshot, "answers")
    assert [list(one.y) for one in answer_bars(answers).data] == [[1.0], [1.0]]


def test_excess_stands_beside_that_over_usual_directions(snapshot: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(snapshot, "direction_summary").filter(rule="own").drop_nulls("excess")
    signs, usual = excess_intervals(rows).data
    assert list(signs.x) == rows["excess"].to_list()
    assert list(usual.x) == rows["over_usual"].to_list()
    assert signs.error_x.array[0] == pytest.approx(rows["high"][0] - rows["excess"][0])


def test_points_of_features_have_all_their_edges(snapshot: duckdb.DuckDBPyConnection) -> None:
    (test,) = rows_of(snapshot, "strength_tests").to_dicts()
    asked = {name: test[name] for name in ("line", "sae_id", "direction", "effect", "criterion")}
    rows = ask(snapshot, "strength_points", {**WIDE, **edge_params(snapshot), **asked}).pl()
    degrees = snapshot.execute(
        "SELECT feature, sum(degree) FROM feature_degree WHERE sae_id = $sae_id AND direction = $direction "
        "AND effect = $effect AND criterion = $criterion GROUP BY feature",
        {name: asked[name] for name in ("sae_id", "direction", "effect", "criterion")},
    )
    assert dict(rows.select("feature", "degree").iter_rows()).items() <= dict(degrees.fetchall()).items()
    (points,) = strength_points(rows).data
    assert list(points.y) == rows["degree"].to_list()


def test_rows_without_numbers_draw_nothing() -> None:
    schema = dict.fromkeys(("line", "subset"), pl.String)
    numbers = ("excess", "low", "high", "over_usual", "over_usual_low", "over_usual_high")
    empty = pl.DataFrame(schema=schema | dict.fromkeys(numbers, pl.Float64))
    assert all(not len(one.x) for one in excess_intervals(empty).data)


def test_tabs_say_what_may_not_be_claimed(home: Path, open_page: Open) -> None:
    app = open_page("knowledge")
    assert not app.exception
    assert [tab.label for tab in app.tabs][-4:] == TABS
    said = texts(app)
    assert "Only an odds ratio above 1" in said
    assert "No answer is no evidence" in said
    assert "which are no independent observations" in said
    assert "Level 1 of 4: an association" in said
