"""Locked out, out of space, read-only, misread: one clear line, and a rerun ends as if nothing had happened."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from tests.builders.thinned import thinned
from tests.warehouse.conftest import small_study
from warehouse import check_snapshot, is_published, open_snapshot, publish_run, snapshot_path, table_hashes
from warehouse.audit import audit
from warehouse.contracts.contract import Check, contracts
from warehouse.errors import AuditBroken, OutOfSpace, WarehouseError, WarehouseLocked
from warehouse.files import explained, writer_lock
from warehouse.home import staging_path

pytestmark = pytest.mark.usefixtures("few_checks")

FULL = (OutOfSpace, "disk full while writing .*: free some space and run the same command again")
READ_ONLY = (WarehouseError, "is read-only for this user: make .* writable and run the same command again")
PLACES = {  # where the system refuses to write, and what then fails there
    "shards are loaded": ("warehouse.load.insert_rows", duckdb.TransactionException),
    "the record is written": ("warehouse.files.fsync_path", OSError),
    "the snapshot is copied": ("warehouse.files.shutil.copyfile", OSError),
    "the snapshot is put in place": ("warehouse.files.os.replace", OSError),
}


@pytest.fixture
def unaudited(monkeypatch) -> None:
    """For tests of files, not of rows: the audit is left out."""
    monkeypatch.setattr("warehouse.audit.audit", lambda *_: [])


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("second") / "runs", seed=1)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A mount as long as the block lasts; the test is skipped without the right to make one."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a file system needs root: sudo make test")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_two_publishers_exclude_each_other(home, second):
    with writer_lock(home), pytest.raises(WarehouseLocked, match=f"in use by process {os.getpid()}") as refused:
        publish_run(home, second.run, second.folders)
    assert refused.value.exit_status == 1


def test_reader_keeps_its_snapshot_while_another_is_published(home, made, second, unaudited):
    with open_snapshot(home) as reader:
        publish_run(home, second.run, second.folders)
        assert reader.execute("SELECT run_id FROM run").fetchall() == [(made.run["run_id"],)]


@pytest.mark.parametrize(
    ("place", "number", "kind", "words"),
    thinned(
        [
            *((place, errno.ENOSPC, *FULL) for place in PLACES),
            ("shards are loaded", errno.EDQUOT, *FULL),
            ("the record is written", errno.EACCES, *READ_ONLY),
            ("the snapshot is copied", errno.EROFS, *READ_ONLY),
        ],
        3,
    ),
)
def test_write_that_the_system_refuses(home, second, unaudited, monkeypatch, place, number, kind, words):
    """Simulated, because root may write everywhere; a real full disk and a real read-only one are below."""
    before, (name, error) = snapshot_path(home).read_bytes(), PLACES[place]

    def refuse(*_, **__):
        raise error(*(number, os.strerror(number)) if error is OSError else (f"Could not: {os.strerror(number)}",))

    with monkeypatch.context() as patch:
        patch.setattr(name, refuse)
        with pytest.raises(kind, match=words) as refused:
            publish_run(home, second.run, second.folders)
    assert refused.value.exit_status == 1
    assert "\n" not in str(refused.value)
    assert snapshot_path(home).read_bytes() == before
    publish_run(home, second.run, second.folders)
    assert is_published(home, second.run["run_id"])


@pytest.mark.slow
def test_disk_that_really_fills_up(tmp_path, made, second, unaudited):
    """With a little more space each time, the disk is full at another place: copying, loading, closing."""
    disk, places = tmp_path / "disk", set()
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", "size=300m", "tmpfs"):
        publish_run(disk, made.run, made.folders)
        old, used = table_hashes(disk), sum(path.stat().st_size for path in disk.rglob("*"))
        for more in (100_000, 1_500_000, 9_000_000, 14_000_000):
            subprocess.run(["mount", "-o", f"remount,size={used + more}", str(disk)], check=True)
            with pytest.raises(OutOfSpace, match="disk full while writing") as refused:
                publish_run(disk, second.run, second.folders)
            places.add(Path(str(refused.value).split()[4].rstrip(":")).name.split("-")[0])
            assert table_hashes(disk) == old
        subprocess.run(["mount", "-o", "remount,size=300m", str(disk)], check=True)
        publish_run(disk, second.run, second.folders)
        after = table_hashes(disk)
    assert places == {"staging.duckdb"}
    assert not staging_path(disk).exists()
    publish_run(tmp_path / "calm", made.run, made.folders)
    publish_run(tmp_path / "calm", second.run, second.folders)
    assert after == table_hashes(tmp_path / "calm")


def test_folder_that_is_really_read_only(home, made, second, unaudited):
    folder = home / "warehouse"
    old = table_hashes(home)
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        with pytest.raises(WarehouseError, match=r"cannot write .*warehouse.*: it is read-only for this user") as said:
            publish_run(home, second.run, second.folders)
        assert "\n" not in str(said.value)
        assert table_hashes(home) == old  # readers need to write nothing
    publish_run(home, second.run, second.folders)
    assert is_published(home, second.run["run_id"])


def test_other_errors_of_duckdb_stay_what_they_are(tmp_path):
    with pytest.raises(duckdb.ConversionException), explained(tmp_path):
        raise duckdb.ConversionException("not a number")


def test_home_that_is_a_file_is_said(tmp_path, second):
    (tmp_path / "home").write_text("")
    with pytest.raises(WarehouseError, match=r"cannot use .*home.*Not a directory") as refused:
        publish_run(tmp_path / "home", second.run, second.folders)
    assert refused.value.exit_status == 1


def test_file_that_is_no_database_is_said(home, second):
    snapshot_path(home).write_text("not a database at all")
    with pytest.raises(WarehouseError, match=r"cannot use .*snapshot.duckdb: .*`scfm doctor` says what to do"):
        publish_run(home, second.run, second.folders)


def test_broken_check_is_neither_a_pass_nor_bad_data(staged, monkeypatch):
    run = contracts()["run"]
    broken = run.model_copy(
        update={"checks": (Check(name="broken", meaning="-", sql="SELECT * FROM nowhere", breaks="-"),)}
    )
    monkeypatch.setitem(contracts(), "run", broken)
    with pytest.raises(AuditBroken, match=r"validator failed on table run, check broken: .*nowhere") as failed:
        audit(staged, ["run"], "any")
    assert failed.value.exit_status == 1


def test_spoilt_snapshot_is_found_by_the_check(home):
    with duckdb.connect(str(snapshot_path(home))) as con:
        con.execute("UPDATE stored.feature_degree SET degree = degree + 1 WHERE rowid = 0")
    (failed,) = [result for result in check_snapshot(home) if not result.success]
    assert (failed.table_name, failed.check_name, failed.n_unexpected) == ("feature_degree", "degree_equals_edges", 1)
