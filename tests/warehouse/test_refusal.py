"""A run that fails its audit: no row of it is published, and the report is kept until the run passes."""

import json

import polars as pl
import pytest

from tests.warehouse.conftest import Study, small_study
from tests.warehouse.shards import edit_table
from warehouse import FailedChecks, check_snapshot, is_published, open_snapshot, publish_run, table_hashes

TABLES = ("quality_result", "refused_step")


def negative_counts(study: Study) -> None:
    """Give every cell a count below zero; once more, and the counts are right again."""
    edit_table(study.folders, "cell", pl.col("n_counts") * -1)


@pytest.fixture
def other(tmp_path) -> Study:
    """A second run, with bad rows."""
    study = small_study(tmp_path / "other", seed=1)
    negative_counts(study)
    return study


def refused_rows(home) -> list[tuple]:
    with open_snapshot(home) as con:
        return con.sql("SELECT DISTINCT run_id, study, first_failure FROM refused_step").fetchall()


def test_failed_audit_publishes_its_report_and_nothing_else(home, other):
    before = table_hashes(home)
    with pytest.raises(FailedChecks, match=r"table cell, check n_counts_range .*: 160 rows, such as") as refused:
        publish_run(home, other.run, other.folders)
    assert refused.value.exit_status == 3
    assert "\n" not in str(refused.value)
    assert f"in table quality_result under run {other.run['run_id']}" in str(refused.value)
    after = table_hashes(home)
    assert {table for table in after if after[table] != before[table]} == set(TABLES)
    assert not is_published(home, other.run["run_id"])
    ((run_id, study, first),) = refused_rows(home)
    assert (run_id, study) == (other.run["run_id"], "synthetic")
    assert first.startswith("table cell, check n_counts_range")
    with open_snapshot(home) as con:
        kept = con.sql("FROM quality_result WHERE run_id IN (SELECT run_id FROM refused_step)").pl()
    assert kept.height == len(refused.value.results) > 500
    assert_report_names_what_was_found(kept)


def assert_report_names_what_was_found(kept: pl.DataFrame) -> None:
    """Table, expectation, what was observed, and rows that break it."""
    failed = kept.filter(~pl.col("success"), check_name="n_counts_range").row(0, named=True)
    assert failed["table_name"] == "cell"
    assert failed["expectation"] == "expect_column_values_to_be_between"
    assert json.loads(failed["observed"]) == {"n_unexpected": 160, "n_rows": 160}
    assert [row["n_counts"] < 0 for row in json.loads(failed["sample_rows"])] == [True] * 5


@pytest.mark.slow
def test_report_is_replaced_and_gone_once_the_run_passes(home, other, tmp_path, few_checks):
    undisturbed = tmp_path / "undisturbed"
    with pytest.raises(FailedChecks):
        publish_run(home, other.run, other.folders)
    with pytest.raises(FailedChecks):
        publish_run(home, other.run, other.folders)
    assert len(refused_rows(home)) == 1
    assert [str(result) for result in check_snapshot(home) if not result.success] == []

    negative_counts(other)
    publish_run(home, other.run, other.folders)
    publish_run(undisturbed, other.run, other.folders)
    assert refused_rows(home) == []
    assert table_hashes(home, other.run["run_id"]) == table_hashes(undisturbed, other.run["run_id"])
