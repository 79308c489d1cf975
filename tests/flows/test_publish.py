"""The publishing task: what a failed audit leaves on the Prefect server."""

import json

import polars as pl
import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.publish import publish_folders
from tests.builders.prefect_server import ask
from tests.builders.study_shards import make_study
from tests.warehouse.shards import edit_table
from warehouse import FailedChecks


@flow
def publishing(home, record, folders):
    publish_folders(home, record, folders)


@pytest.mark.slow
def test_failed_checks_are_an_artifact(tmp_path, prefect_api):
    run, folders = make_study(tmp_path / "runs", n_features=12, layers=(0, 1))
    edit_table(folders, "cell", pl.col("n_counts") * -1)
    with temporary_settings({PREFECT_API_URL: prefect_api}), pytest.raises(FailedChecks):
        publishing(tmp_path, run, folders)
    shown = ask(
        f"{prefect_api}/artifacts/filter", {"artifacts": {"key": {"any_": ["scfm-quality"]}}, "sort": "CREATED_DESC"}
    )
    rows = json.loads(shown[0]["data"])
    assert not rows[0]["success"]
    failed = next(row for row in rows if row["check_name"] == "n_counts_range")
    assert failed["table_name"] == "cell"
    assert failed["expectation"] == "expect_column_values_to_be_between"
    assert json.loads(failed["observed"])["n_unexpected"] == 160
    assert len(json.loads(failed["sample_rows"])) == 5
