"""Changed cells and the benchmark: queries, figures with their bands and lines, and the tabs on the page."""

from pathlib import Path
from typing import get_args

import duckdb
import polars as pl
import pytest

from dashboards.charts.shift import metric_curve, moved_cells
from dashboards.panels.shift import METRICS, MODES, SELECTORS
from tasks.analyses.integration.names import METRICS as KNOWN
from tasks.analyses.shift.step import Mode, Selector
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_steering_panels import rows_of


def test_panels_have_words_for_all_that_a_study_can_ask_for() -> None:
    assert set(METRICS) == set(KNOWN)
    assert set(MODES) == set(get_args(Mode))
    assert set(SELECTORS) == set(get_args(Selector))


def test_a_cell_is_joined_with_itself(snapshot: duckdb.DuckDBPyConnection) -> None:
    sae_id = snapshot.sql("SELECT min(sae_id) FROM shift_setting").fetchall()[0][0]
    rows = rows_of(snapshot, "shift_cells", sae_id=sae_id, setting="batch_scale0_n2")
    own = f"SELECT count(*) FROM shift_cell WHERE embedded AND sae_id = '{sae_id}'"
    assert rows.height == snapshot.sql(own).fetchall()[0][0] > 20
    assert (rows["new_x"] - rows["x"]).to_list() == pytest.approx([0.2] * rows.height)
    lines, *points = moved_cells(rows, "batch").data
    assert list(lines.x[:3]) == [rows["x"][0], rows["new_x"][0], None]
    assert list(lines.y[:3]) == [rows["y"][0], rows["new_y"][0], None]
    assert sum(len(one.x) for one in points) == 2 * rows.height
    assert [one.name for one in points] == ["x, before", "x", "y, before", "y"]


def test_the_curve_has_its_band_and_both_lines(snapshot: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(snapshot, "integration", metric="total")
    own = rows.filter(sae_id=rows["sae_id"][0])
    figure = metric_curve(own, "Total")
    band, chosen, directions, varying = figure.data
    assert (band.fill, band.name) == ("toself", "random features alike")
    assert list(chosen.x) == [0, 1, 2]
    assert list(chosen.y) == pytest.approx([0.4, 0.5, 0.6])
    assert (directions.name, varying.name) == ("random directions", "directions as states vary")
    assert [one.text for one in figure.layout.annotations] == [
        "nothing changed",
        "reconstruction alone",
        "PCA of the counts",
    ]
    moved = own.with_columns(score=pl.when(arm="random").then(0.9).otherwise("score"))
    assert max(metric_curve(moved, "Total").data[0].y) == 0.9


def test_page_shows_cells_and_benchmark(home: Path, open_page: Open) -> None:
    app = open_page("steering")
    assert not app.exception
    assert [tab.label for tab in app.tabs][-2:] == ["Cells", "Benchmark"]
    shown = texts(app)
    assert "Hollow: where the model puts a cell as it is" in shown
    assert "Grey: from the lowest to the highest of the random sets of features" in shown
    box = next(one for one in app.selectbox if one.label == "Metric")
    app = box.select("kbet").run()
    assert not app.exception
    assert any("cannot be told: no cell type has enough cells in two batches" in one.value for one in app.info)
