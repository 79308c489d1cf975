"""Killed, locked out, out of space, misread: readers keep what they had, and a rerun ends as if nothing happened."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

import warehouse.files
from tests.shared import ROOT
from tests.warehouse.conftest import small_study
from warehouse import check_snapshot, is_published, open_snapshot, publish_run, snapshot_path, table_hashes
from warehouse.audit import audit
from warehouse.contract import Check, contracts
from warehouse.errors import AuditBroken, OutOfSpace, WarehouseError, WarehouseLocked
from warehouse.files import explained, writer_lock
from warehouse.home import writer_path

# Publishes, and dies at once where it is told to: when the named function of the named module is called.
PUBLISHER = """
import importlib, json, os, signal, sys
from datetime import datetime
from pathlib import Path
home, folders, run, place, audited = (json.loads(word) for word in sys.argv[1:])
run |= {name: datetime.fromisoformat(run[name]) for name in ("started", "finished")}
import warehouse.publish
if not audited:
    warehouse.publish.audit = lambda *_: []
if place:
    module, name = place.split(":")
    setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
warehouse.publish.publish_run(Path(home), run, [Path(folder) for folder in folders])
"""
PLACES = {  # in the order in which publishing comes by; whether the audit, of which nothing survives, is run
    "warehouse.load:_stage_table": False,
    "warehouse.publish:audit": True,
    "warehouse.publish:promote": False,
    "warehouse.promote:literal": False,  # the transaction is about to begin
    "warehouse.publish:publish_snapshot": True,
    "warehouse.files:_fsync": True,  # the copy lies beside the snapshot
}


def publisher(home: Path, study, place: str | None = None, audited: bool = True) -> subprocess.Popen:
    words = [str(home), [str(folder) for folder in study.folders], study.run, place, audited]
    texts = [json.dumps(word, default=str) for word in words]
    return subprocess.Popen([sys.executable, "-c", PUBLISHER, *texts], cwd=ROOT, stderr=subprocess.PIPE)


@pytest.fixture
def unaudited(monkeypatch) -> None:
    """For tests of files, not of rows: the audit is left out."""
    monkeypatch.setattr("warehouse.publish.audit", lambda *_: [])


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("second") / "runs", seed=1)


@pytest.fixture(scope="module")
def wanted(published, second, tmp_path_factory) -> dict[str, str]:
    """Table hashes after both runs were published without any fault."""
    home = tmp_path_factory.mktemp("wanted") / "home"
    shutil.copytree(published, home)
    publish_run(home, second.run, second.folders)
    return table_hashes(home)


def assert_readable(home: Path, run_id: str) -> None:
    with open_snapshot(home) as con:
        assert con.execute("SELECT count(*) FROM edge_stat WHERE run_id = ?", [run_id]).fetchone()[0] > 0


def test_killed_at_every_step_then_run_again(home, made, second, wanted):
    for place, audited in PLACES.items():
        process = publisher(home, second, place, audited)
        assert process.wait() == -signal.SIGKILL, process.stderr.read().decode()
        assert_readable(home, made.run["run_id"])
        assert not is_published(home, second.run["run_id"]), place
    assert publish_run(home, second.run, second.folders).already_published
    assert table_hashes(home) == wanted
    left = {path.name for path in (home / "warehouse").iterdir()}
    assert left == {"lock", "warehouse.duckdb", "snapshot.duckdb"}


def test_killed_at_random_moments_then_run_again(home, made, second, wanted):
    for moment in np.random.default_rng(0).uniform(2, 6, 3):
        process = publisher(home, second)
        time.sleep(moment)
        process.kill()
        process.wait()
        assert_readable(home, made.run["run_id"])
    publish_run(home, second.run, second.folders)
    assert table_hashes(home) == wanted


def test_two_publishers_exclude_each_other(home, second):
    with writer_lock(home), pytest.raises(WarehouseLocked, match=f"in use by process {os.getpid()}") as refused:
        publish_run(home, second.run, second.folders)
    assert refused.value.exit_status == 1


def test_warehouse_open_elsewhere_is_said(home, second):
    program = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", program, str(writer_path(home))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(WarehouseLocked, match=rf"warehouse.duckdb is in use by process {holder.pid}: wait"):
            publish_run(home, second.run, second.folders)
        holder.stdin.close()


def test_reader_keeps_its_snapshot_while_another_is_published(home, made, second, unaudited):
    with open_snapshot(home) as reader:
        publish_run(home, second.run, second.folders)
        assert reader.execute("SELECT run_id FROM run").fetchall() == [(made.run["run_id"],)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_full_at_the_snapshot(home, second, unaudited, monkeypatch, number):
    before = snapshot_path(home).read_bytes()

    def full(_source, target):
        Path(target).write_bytes(b"half")
        raise OSError(number, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(warehouse.files.shutil, "copyfile", full)
        with pytest.raises(OutOfSpace, match=r"disk full while writing .*snapshot.duckdb: free some space") as refused:
            publish_run(home, second.run, second.folders)
    assert refused.value.exit_status == 1
    assert snapshot_path(home).read_bytes() == before
    assert publish_run(home, second.run, second.folders).already_published
    assert is_published(home, second.run["run_id"])


def test_disk_full_inside_duckdb_is_said(tmp_path):
    with pytest.raises(OutOfSpace, match="disk full while writing"), explained(tmp_path / "warehouse.duckdb"):
        raise duckdb.IOException('IO Error: Could not write file "a": No space left on device')


def test_home_that_is_a_file_is_said(tmp_path, second):
    (tmp_path / "home").write_text("")
    with pytest.raises(WarehouseError, match=r"cannot use .*home: .*Not a directory") as refused:
        publish_run(tmp_path / "home", second.run, second.folders)
    assert refused.value.exit_status == 1


def test_file_that_is_no_database_is_said(home, second):
    writer_path(home).write_text("not a database at all")
    with pytest.raises(WarehouseError, match=r"cannot use .*warehouse.duckdb"):
        publish_run(home, second.run, second.folders)


def test_broken_check_is_neither_a_pass_nor_bad_data(staged, monkeypatch):
    run = contracts()["run"]
    broken = run.model_copy(update={"checks": (Check(name="broken", meaning="-", sql="SELECT * FROM nowhere"),)})
    monkeypatch.setitem(contracts(), "run", broken)
    with pytest.raises(AuditBroken, match=r"validator failed on table run, check broken: .*nowhere") as failed:
        audit(staged, ["run"])
    assert failed.value.exit_status == 1


def test_spoilt_snapshot_is_found_by_the_check(home):
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE feature_degree SET degree = degree + 1 WHERE rowid = 0")
    (failed,) = [result for result in check_snapshot(home) if not result.success]
    assert (failed.table_name, failed.check_name, failed.n_unexpected) == ("feature_degree", "degree_equals_edges", 1)
