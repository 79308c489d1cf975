"""Forgetting a run: what only it used is gone, what others use stays, and nothing is lost on the way."""

import shutil
from pathlib import Path

import pytest

from tests.builders.study_shards import make_study
from warehouse import open_snapshot, publish_run, snapshot_path, table_hashes
from warehouse.errors import DamagedShard, UnknownName
from warehouse.forget import forget_run, plan_forgetting, unreferenced
from warehouse.run_record import record_path


@pytest.fixture
def two_runs(tmp_path: Path):
    """A home with two runs that share all steps but the last one of the second."""
    run, folders = make_study(tmp_path / "runs")
    publish_run(tmp_path, run, folders)
    before = table_hashes(tmp_path)
    further = folders[-1].with_name(f"{folders[-1].name.rpartition('-')[0]}-{'f' * 16}")
    shutil.copytree(folders[-1], further)
    manifest = further / "manifest.json"
    manifest.write_text(manifest.read_text().replace(folders[-1].name.rpartition("-")[2], "f" * 16))
    second = {**run, "run_id": "second", "title": "the second"}
    publish_run(tmp_path, second, [*folders[:-1], further])
    return tmp_path, run["run_id"], further, before


def runs_of(home: Path) -> list[str]:
    with open_snapshot(home) as con:
        return [run_id for (run_id,) in con.execute("SELECT run_id FROM run ORDER BY run_id").fetchall()]


def test_what_would_go_is_said_before_anything_goes(two_runs):
    home, first, further, _ = two_runs
    going = plan_forgetting(home, "second")
    assert going.folders == (further,)
    assert going.n_bytes > 0
    assert len(going.shared) == len(plan_forgetting(home, first).shared)
    assert further.exists()
    assert len(runs_of(home)) == 2


def test_a_forgotten_run_leaves_the_other_as_it_was(two_runs):
    home, first, further, before = two_runs
    size = snapshot_path(home).stat().st_size
    forget_run(home, "second")
    assert runs_of(home) == [first]
    assert table_hashes(home) == before
    assert not further.exists()
    assert not record_path(home, "second").exists()
    assert unreferenced(home) == []
    assert snapshot_path(home).stat().st_size <= size


def test_the_last_run_takes_the_warehouse_with_it(two_runs):
    home, first, _, _ = two_runs
    forget_run(home, "second")
    forget_run(home, first)
    assert not snapshot_path(home).exists()
    assert not list((home / "runs").glob("*-*/"))


def test_killed_after_the_rename_the_same_command_goes_on(two_runs, monkeypatch):
    home, first, further, before = two_runs
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forget_run(home, "second")
    assert further.exists()
    forget_run(home, "second")
    assert runs_of(home) == [first]
    assert table_hashes(home) == before


def test_an_unknown_run_is_named(two_runs):
    with pytest.raises(UnknownName, match="no run nobody is on record in"):
        forget_run(two_runs[0], "nobody")


def test_nothing_goes_if_another_run_cannot_be_rebuilt(two_runs):
    home, first, further, _ = two_runs
    shard = next(path for path in (home / "runs").rglob("*.parquet") if further not in path.parents)
    shard.write_bytes(b"damaged")
    with pytest.raises(DamagedShard, match=f"run {first} of study"):
        forget_run(home, "second")
    assert len(runs_of(home)) == 2
    assert further.exists()
