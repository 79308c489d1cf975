"""Autoencoders of single sources beside pooled ones: every point is a row, and a layer without any says so."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dashboards.charts.cohorts import cohort_points
from tests.builders.dashboard_queries import ask
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts


def test_every_autoencoder_is_a_point(snapshot: duckdb.DuckDBPyConnection) -> None:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchone()[0]
    rows = ask(snapshot, "cohorts", {"run_id": run_id, "layer": 0}).pl()
    figure = cohort_points(rows, "fvu", "fvu")
    names = ["trained on all sources", "trained on lymphoid", "trained on myeloid"]
    assert [trace.name for trace in figure.data] == names
    assert sorted(y for trace in figure.data for y in trace.y) == sorted(rows["fvu"].to_list())


@pytest.mark.parametrize("figure", ["fvu", "annotated"])
def test_the_page_shows_contrasts_and_what_may_be_said(home: Path, open_page: Open, figure: str) -> None:
    app = open_page("compare", figure=figure)
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "own_mean" in frame.value.columns)
    assert len(table) == 2 * 2 * 2
    assert "best of four layers" in texts(app)


def test_a_layer_without_cohorts_says_so(changed: Callable[[str], duckdb.DuckDBPyConnection], open_page: Open) -> None:
    changed("DELETE FROM stored.cohort WHERE layer = 0")
    app = open_page("compare")
    assert not app.exception
    assert any("Sources were not compared in this layer" in info.value for info in app.info)
