"""Steering: queries against slow twins, and the page with its null bands."""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from dashboards.charts.steering import dose_curves, layer_bars
from tests.dashboards.conftest import Open
from tests.dashboards.test_pages import texts
from tests.dashboards.test_queries import ask


def rows_of(snapshot: duckdb.DuckDBPyConnection, query: str, **more: object) -> pl.DataFrame:
    run_id = snapshot.sql("SELECT run_id FROM run").fetchall()[0][0]
    return ask(snapshot, query, {"run_id": run_id, **more}).pl()


def test_means_are_those_of_the_cells(snapshot: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(snapshot, "steering", readout="pseudotime")
    cells = snapshot.sql("SELECT * FROM steering_value WHERE readout = 'pseudotime'").pl()
    key = ["sae_id", "feature", "arm", "multiplier"]
    slow = cells.group_by(key).agg(pl.col("value").mean(), n=pl.len())
    both = rows.join(slow, on=key)
    assert both.height == rows.height > 50
    np.testing.assert_allclose(both["mean"], both["value"])
    assert (both["n_cells"] == both["n"]).all()
    assert rows["top_genes"].count() > 0


def test_the_curve_starts_where_nothing_is_changed_and_has_the_null_behind_it(
    snapshot: duckdb.DuckDBPyConnection,
) -> None:
    rows = rows_of(snapshot, "steering", readout="pseudotime")
    own = rows.filter(sae_id=rows["sae_id"][0], feature=1)
    null = pl.DataFrame({"multiplier": [2.0, 5.0], "low": [-1.0, -2.0], "high": [1.0, 2.0]})
    figure = dose_curves(own, null)
    band, *curves = figure.data
    assert band.fill == "toself"
    assert [curve.name for curve in curves] == [
        "the feature",
        "a random direction",
        "its own, random signs",
        "a direction as states vary",
        "another feature",
    ]
    assert all((curve.x[0], curve.y[0]) == (1.0, 0.0) for curve in curves)
    assert len(curves[0].x) == 1 + own.filter(arm="feature").height


def test_bars_stand_beside_the_interval_of_their_controls() -> None:
    groups = pl.DataFrame(
        {"layer": [3], "kind": ["ON"], "value": [0.8], "error": [0.1], "low": [0.4], "high": [0.6], "n_features": [4]}
    )
    bar, null, *_ = layer_bars(groups, "Share", 0.5).data
    assert bar.base == 0.5
    assert bar.y[0] == pytest.approx(0.3)
    assert null.base[0] == 0.4
    assert null.y[0] == pytest.approx(0.2)


def test_page_shows_every_panel_and_follows_its_boxes(home: Path, open_page: Open) -> None:
    app = open_page("steering")
    assert not app.exception
    assert [tab.label for tab in app.tabs] == ["Dose", "By layer", "Features", "Read-outs", "Cells", "Benchmark"]
    assert "Grey: where 95 % of what stands in the place of the layer's features lies" in texts(app)
    assert "The reconstruction alone moves these cells by" in texts(app)
    box = next(one for one in app.selectbox if one.label == "Feature")
    assert len(box.options) == 14
    last = next(one for one in box.options if one.startswith("L2_"))
    app = box.select(last).run()
    assert not app.exception
    assert any("follows from the weights alone" in one.value for one in app.warning)
    app = next(one for one in app.selectbox if one.label == "Read-out").select("marker").run()
    assert not app.exception
    assert not app.warning
