"""Runs that failed their checks, as the dashboard shows them."""

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

import warehouse
from tests.builders.study_shards import make_study
from tests.dashboards.conftest import Open
from tests.warehouse.shards import edit_table


def test_refused_runs_show_what_their_checks_saw(
    home: Path, open_page: Open, snapshot: duckdb.DuckDBPyConnection
) -> None:
    app = open_page("runs")
    run_id = snapshot.sql("SELECT run_id FROM refused_step").fetchall()[0][0]
    assert app.selectbox(key="refused_run").value == run_id
    assert any("No row of the refused and withheld steps is published" in warning.value for warning in app.warning)
    tables = [frame.value for frame in app.dataframe]
    failed = next(table for table in tables if "n_counts_range" in [*table.get("check_name", [])])
    assert {"table_name", "expectation", "observed"} <= {*failed.columns}
    assert json.loads(failed["sample_rows"].iloc[0])


@pytest.mark.slow
def test_first_run_refused_is_shown_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    run, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1))
    edit_table(folders, "cell", pl.col("n_counts") * -1)
    with pytest.raises(warehouse.FailedChecks):
        warehouse.publish_run(tmp_path, run, folders)
    monkeypatch.setenv("SCFM_HOME", str(tmp_path))
    app = open_page("features")
    assert not app.exception
    assert app.title[0].value == "No run is published yet"
    assert "failed checks" in app.warning[0].value
