"""The warehouse, rebuilt from the runs folder alone."""

import re
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.builders.thinned import thinned
from tests.warehouse.conftest import Study, small_study
from tests.warehouse.shards import edit_table
from warehouse import FailedChecks, open_snapshot, publish_run, restore_warehouse, snapshot_path, table_hashes
from warehouse.audit import audit
from warehouse.errors import DamagedShard, NoWarehouse, RunConflict
from warehouse.files import writer_lock
from warehouse.home import restoring_home
from warehouse.run_record import record_path


@pytest.fixture
def one_table_audited(monkeypatch) -> None:
    """Every table's checks pass on every run here or fail in ``cell``; the others are left out for speed."""
    monkeypatch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, ["cell"], *others))


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Study:
    return small_study(tmp_path_factory.mktemp("second") / "runs", seed=1)


@pytest.fixture
def two(made, second, tmp_path, one_table_audited) -> Path:
    """A home with two published runs, their step folders in it."""
    home = tmp_path / "home"
    for study in (made, second):
        folders = [Path(shutil.copytree(folder, home / "runs" / folder.name)) for folder in study.folders]
        publish_run(home, study.run, folders)
    return home


def folders_of(home: Path, study: Study) -> list[Path]:
    return [home / "runs" / folder.name for folder in study.folders]


def test_whole_warehouse_comes_back_with_every_check(study, tmp_path):
    publish_run(tmp_path, study.run, study.folders)
    before = table_hashes(tmp_path)
    shutil.rmtree(tmp_path / "warehouse")
    assert restore_warehouse(tmp_path).restored == [study.run["run_id"]]
    assert table_hashes(tmp_path) == before
    assert publish_run(tmp_path, study.run, study.folders).already_published


ALSO_LOST = [pytest.param(one, marks=pytest.mark.slow) for one in ("the snapshot", "nothing", "some bytes")]


@pytest.mark.parametrize("lost", ["the folder", *ALSO_LOST])
def test_two_runs_come_back_whatever_was_lost(two, lost):
    before, told = table_hashes(two), []
    if lost == "the folder":
        shutil.rmtree(two / "warehouse")
    elif lost == "the snapshot":
        snapshot_path(two).unlink()
    elif lost == "some bytes":
        whole = snapshot_path(two).read_bytes()
        snapshot_path(two).write_bytes(whole[:5000] + b"?" * 9000 + whole[14000:])
    report = restore_warehouse(two, lambda *figures: told.append(figures))
    assert len(report.restored) == 2
    assert report.refused == []
    assert table_hashes(two) == before
    places = [done for _, done, _ in told]
    assert places == sorted(places)
    assert told[-1][2] > places[-1] > told[-1][2] / 2  # well into the second run
    assert {path.name for path in (two / "warehouse").iterdir()} == {"lock", "snapshot.duckdb"}


def test_a_home_can_be_moved_before(two, tmp_path):
    before = table_hashes(two)
    moved = Path(shutil.copytree(two / "runs", tmp_path / "elsewhere" / "runs")).parent
    restore_warehouse(moved)
    assert table_hashes(moved) == before


@pytest.mark.slow
def test_readers_keep_the_old_snapshot_meanwhile(two):
    with open_snapshot(two) as reader:
        restore_warehouse(two)
        assert reader.sql("SELECT count(*) FROM run").fetchone() == (2,)


@pytest.mark.slow
def test_refused_run_is_refused_again(two, tmp_path):
    bad = small_study(tmp_path / "bad", seed=2)
    edit_table(bad.folders, "cell", pl.col("n_counts") * -1)
    with pytest.raises(FailedChecks):
        publish_run(two, bad.run, bad.folders)
    before = table_hashes(two)
    report = restore_warehouse(two)
    assert len(report.restored) == 2
    assert "n_counts_range" in str(report.refused[0])
    assert table_hashes(two) == before


@pytest.mark.parametrize("damage", thinned(["truncate", "remove the folder", "write other rows"], 3))
def test_damaged_run_is_named_and_the_old_warehouse_stays(two, second, damage):
    before, folder = snapshot_path(two).read_bytes(), folders_of(two, second)[0]
    if damage == "truncate":
        shard = next(folder.glob("tables/cell/*.parquet"))
        shard.write_bytes(shard.read_bytes()[:-9])
    elif damage == "remove the folder":
        shutil.rmtree(folder)
    else:
        edit_table([folder], "cell", pl.col("n_counts") + 1)
    run = second.run["run_id"]
    with pytest.raises(DamagedShard, match=f"run {run} of study synthetic cannot be .*run the study again") as refused:
        restore_warehouse(two)
    assert "\n" not in str(refused.value)
    assert snapshot_path(two).read_bytes() == before
    assert not restoring_home(two).exists()


@pytest.mark.slow
def test_published_run_that_would_be_lost_is_named(two, made):
    record_path(two, made.run["run_id"]).unlink()
    with pytest.raises(RunConflict, match=f"run {made.run['run_id']} is published but has no record"):
        restore_warehouse(two)
    publish_run(two, made.run, folders_of(two, made))
    assert len(restore_warehouse(two).restored) == 2


@pytest.mark.slow
def test_published_run_that_no_longer_passes_stays(two, monkeypatch):
    before = table_hashes(two)

    def failing(path, _, *others):
        with duckdb.connect(str(path)) as con:
            con.execute("UPDATE stored.cell SET n_counts = -1")
        return audit(path, ["cell"], *others)

    monkeypatch.setattr("warehouse.audit.audit", failing)
    with pytest.raises(FailedChecks):
        restore_warehouse(two)
    assert table_hashes(two) == before


def test_nothing_to_restore_is_said(tmp_path):
    with pytest.raises(NoWarehouse, match=re.escape("nothing to restore")) as refused:
        restore_warehouse(tmp_path)
    assert refused.value.exit_status == 2


def test_record_that_is_none_is_said(two, made):
    record_path(two, made.run["run_id"]).write_text("{")
    with pytest.raises(DamagedShard, match="is no run record: delete it and run the study again"):
        restore_warehouse(two)


def test_restoring_waits_for_nobody(two):
    with writer_lock(two), pytest.raises(Exception, match="in use by process"):
        restore_warehouse(two)
