"""``examine``: what it says of a warehouse in every state, and that it leaves it as it is."""

import os
import re
import shutil
import subprocess
import sys

import duckdb
import pytest

from tests.warehouse.conftest import small_study
from tests.warehouse.test_refusal import negative_counts
from warehouse import FailedChecks, examine, publish_run, restore_warehouse, snapshot_path
from warehouse.audit import audit
from warehouse.files import writer_lock
from warehouse.home import restoring_home, staging_path
from warehouse.reading import open_snapshot
from warehouse.scratch import OLD, this_machine


def said(home) -> str:
    return "\n".join(f"{finding.what} -> {finding.advice}" for finding in examine(home))


def broken(home) -> bool:
    return any(finding.broken for finding in examine(home))


def edit_migrations(home, sql: str) -> None:
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute(sql)


def test_nothing_published(tmp_path):
    assert said(tmp_path) == "nothing is published yet -> `make demo`, or `scfm run STUDY.toml`"
    assert not broken(tmp_path)
    assert not list(tmp_path.iterdir())


def test_published_and_fine(home):
    (size, schema) = examine(home)
    with duckdb.connect(str(snapshot_path(home)), read_only=True) as con:
        tables = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        n_rows = sum(con.execute(f'SELECT count(*) FROM stored."{name}"').fetchone()[0] for name in tables)
    assert f"1 runs, {n_rows:,} rows, {snapshot_path(home).stat().st_size / 1e6:.1f} MB, published 20" in size.what
    assert schema.what == "schema up to date"
    assert not size.advice + schema.advice


def test_looking_changes_nothing(home):
    files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.rglob("*") if path.is_file()}
    examine(home)
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in home.rglob("*") if p.is_file()} == files


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE stored.schema_version SET sha256 = 'x'", "another version of the program -> `scfm run` of any study"),
        (
            "UPDATE stored.schema_version SET sha256 = 'x'; CREATE TABLE stored.a (b INT)",
            "no contract .* -> rebuild it",
        ),
        ("CREATE TABLE schema_migration (version INT)", "kept its rows by run -> rebuild it from the shards"),
    ],
)
def test_schema_of_another_version(home, sql, words):
    edit_migrations(home, sql)
    assert re.search(words, said(home))
    assert broken(home)


def test_file_that_is_no_database(home):
    snapshot_path(home).write_text("no database at all")
    assert "snapshot.duckdb cannot be read" in said(home)
    assert "`scfm restore` rebuilds it" in said(home)
    assert broken(home)


@pytest.mark.slow
def test_refused_run_leftovers_and_unpublished_work(home, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.audit.audit", lambda path, _, *others: audit(path, ["cell"], *others))
    other, third = (small_study(tmp_path / "other", seed=seed) for seed in (1, 2))
    negative_counts(other)
    with pytest.raises(FailedChecks):
        publish_run(home, other.run, other.folders)
    monkeypatch.setattr("warehouse.snapshot.move_into_place", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish_run(home, third.run, third.folders)
    staging_path(home).touch()
    restoring_home(home).mkdir()
    text = said(home)
    assert re.search(rf"run {other.run['run_id']} of study synthetic: .*cells-", text)
    assert f"run {third.run['run_id']} of study synthetic was handed in but is not published -> run its study" in text
    assert text.count("was left by a process that died -> the next publish removes it") == 2
    assert not broken(home)


def test_folders_of_dead_readers_go_at_the_next_opening(home):
    """Those of another machine, whose processes are not to be seen from here, stay until they are old."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    here, elsewhere = this_machine(), "0" * 8
    made = (
        (here, process.pid, 0),
        (elsewhere, process.pid, 2 * OLD),
        (elsewhere, process.pid, 0),
        (here, os.getpid(), 0),
    )
    paths = []
    for number, (machine, pid, age) in enumerate(made):
        paths.append(home / "warehouse" / f".opening-{machine}-{pid}-{number:016x}")
        paths[-1].mkdir()
        os.utime(paths[-1], (paths[-1].stat().st_mtime - age,) * 2)
    told = said(home)  # by looking, which removes nothing
    assert [f"{path} was left by a process that died" in told for path in paths] == [True, True, False, False]
    open_snapshot(home).close()
    assert [path.exists() for path in paths] == [False, False, True, True]


def test_warehouse_that_is_gone(home):
    shutil.rmtree(home / "warehouse")
    assert said(home).startswith("nothing is published, but runs are on record -> `scfm restore`")
    assert not broken(home)


def test_in_use(home):
    with writer_lock(home):
        staging_path(home).touch()
        assert f"in use by process {os.getpid()}, which publishes or restores -> wait until it ends" in said(home)
        assert "was left by" not in said(home)


def test_lock_holder_where_the_system_keeps_no_list(home, monkeypatch, tmp_path):
    monkeypatch.setattr("warehouse.locks.SYSTEM", tmp_path / "nowhere")
    (home / "warehouse" / "lock").write_text(str(os.getpid()))
    assert f"in use by process {os.getpid()}" in said(home)
    (home / "warehouse" / "lock").write_text("999999999")
    assert "in use" not in said(home)


def test_restored_warehouse_is_fine(study, tmp_path, monkeypatch):
    monkeypatch.setattr("warehouse.audit.audit", lambda *_: [])
    publish_run(tmp_path, study.run, study.folders)
    edit_migrations(tmp_path, "UPDATE stored.schema_version SET sha256 = 'x'")
    restore_warehouse(tmp_path)
    assert [finding.advice for finding in examine(tmp_path)] == ["", ""]
