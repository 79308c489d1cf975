"""Step folders: what is in the ledger exists whole, everything else does not exist."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from tasks.store import DamagedShard, FolderBusy, ScfmError, StepFolder, sha256_file

FRAME = pl.DataFrame({"span": [1, 2, 3], "n_features": [4, 5, 6]})


def write(path: Path, units: list[str], finish: bool = True) -> None:
    with StepFolder.create(path) as folder:
        for unit in units:
            if not folder.has(unit):
                with folder.unit(unit) as shard:
                    shard.table("lifecycle_span", FRAME)
                    with shard.file(f"raw/{unit}.bin") as target:
                        target.write_bytes(unit.encode() * 100)
        if finish:
            folder.finish(answer=42)


def fail_in_unit(folder: StepFolder) -> None:
    with folder.unit("a") as shard:
        shard.table("lifecycle_span", FRAME)
        raise RuntimeError("in the middle")


def test_what_is_written_is_read_back(tmp_path):
    write(tmp_path / "demo-ab", ["a", "b"])
    folder = StepFolder.open(tmp_path / "demo-ab")
    assert folder.read_table("lifecycle_span").height == 6
    assert folder.file("raw/a.bin").read_bytes() == b"a" * 100
    assert folder.info == {"answer": 42}
    assert (folder.step, folder.key) == ("demo", "ab")


def test_unit_that_fails_leaves_no_ledger_line(tmp_path):
    with StepFolder.create(tmp_path / "demo-ab") as folder:
        with pytest.raises(RuntimeError, match="in the middle"):
            fail_in_unit(folder)
        assert not folder.has("a")
    with StepFolder.create(tmp_path / "demo-ab"):
        assert not list((tmp_path / "demo-ab").rglob("*.parquet"))


def test_unfinished_folder_is_not_read(tmp_path):
    write(tmp_path / "demo-ab", ["a"], finish=False)
    with pytest.raises(ScfmError, match="not finished"):
        StepFolder.open(tmp_path / "demo-ab")


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove"])
def test_damaged_shard_is_refused_then_made_anew(tmp_path, damage):
    path = tmp_path / "demo-ab"
    write(path, ["a", "b"])
    whole = (path / "manifest.json").read_bytes()
    shard = path / "tables" / "lifecycle_span" / "a.parquet"
    content = bytearray(shard.read_bytes())
    if damage == "truncate":
        shard.write_bytes(content[:-5])
    elif damage == "flip":
        content[30] ^= 1
        shard.write_bytes(content)
    else:
        shard.unlink()
    with pytest.raises(DamagedShard, match=r"a\.parquet does not match"):
        StepFolder.open(path).read_table("lifecycle_span")
    with StepFolder.create(path) as folder:
        assert not folder.done
        assert not folder.has("a")
        assert folder.has("b")
    write(path, ["a", "b"])
    assert [u["shards"] for u in json.loads((path / "manifest.json").read_text())["units"]] == [
        u["shards"] for u in json.loads(whole)["units"]
    ]


def test_torn_last_ledger_line_is_no_line(tmp_path):
    path = tmp_path / "demo-ab"
    write(path, ["a"], finish=False)
    with (path / "ledger.jsonl").open("a") as ledger:
        ledger.write('{"unit": "b", "shards": [{"pa')
    write(path, ["a", "b"])
    assert sorted(StepFolder.open(path).lines) == ["a", "b"]


def test_second_writer_is_refused_with_one_line(tmp_path):
    path = tmp_path / "demo-ab"
    with StepFolder.create(path) as folder:
        assert folder.busy
        with pytest.raises(FolderBusy, match="another run is writing"), StepFolder.create(path):
            pass
    assert not StepFolder(path).busy


def test_full_disk_is_one_line(tmp_path, monkeypatch):
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with StepFolder.create(tmp_path / "demo-ab") as folder:
        monkeypatch.setattr(os, "fsync", no_space)
        with pytest.raises(ScfmError, match="disk full"), folder.unit("a") as shard:
            shard.table("lifecycle_span", FRAME)
        monkeypatch.undo()
        assert not folder.has("a")


def test_threads_write_units_at_once(tmp_path):
    names, meeting = [f"{number:03d}" for number in range(64)], threading.Barrier(8, timeout=20)

    def write_one(folder: StepFolder, name: str) -> bool:
        with folder.unit(name) as shard:
            meeting.wait()  # eight units are open at any time
            shard.table("lifecycle_span", FRAME)
        return folder.has(name) and folder.file(f"tables/lifecycle_span/{name}.parquet").exists()

    with StepFolder.create(tmp_path / "demo-ab") as folder, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_one, [folder] * len(names), names))
        folder.finish()
    assert sorted(StepFolder.open(tmp_path / "demo-ab").lines) == names
    assert StepFolder.open(tmp_path / "demo-ab").read_table("lifecycle_span").height == 3 * len(names)


def test_a_file_is_hashed_once_and_again_when_touched(tmp_path, monkeypatch):
    hashed: list[str] = []
    monkeypatch.setattr("tasks.store.shards.sha256_file", lambda path: hashed.append(path.name) or sha256_file(path))
    write(tmp_path / "demo-ab", ["a", "b"])
    assert len(hashed) == 4
    hashed.clear()
    folder = StepFolder.open(tmp_path / "demo-ab")
    for _ in range(3):
        folder.shards("lifecycle_span")
        folder.file("raw/a.bin")
        assert not folder.damaged()
    assert sorted(hashed) == ["a.bin", "a.parquet", "b.bin", "b.parquet"]
    with (tmp_path / "demo-ab" / "raw" / "a.bin").open("r+b") as handle:
        handle.write(b"b")
    with pytest.raises(DamagedShard, match=r"a\.bin does not match"):
        folder.file("raw/a.bin")


def test_a_manifest_that_tells_otherwise_than_the_ledger_is_none(tmp_path):
    write(tmp_path / "demo-ab", ["a", "b"])
    ledger = tmp_path / "demo-ab" / "ledger.jsonl"
    ledger.write_text(ledger.read_text().splitlines(keepends=True)[0])
    with pytest.raises(ScfmError, match="not finished"):
        StepFolder.open(tmp_path / "demo-ab")
    write(tmp_path / "demo-ab", ["a", "b"])
    assert StepFolder.open(tmp_path / "demo-ab").read_table("lifecycle_span").height == 6


WRITER = """
import sys
from pathlib import Path
import polars as pl
from tasks.store import StepFolder
with StepFolder.create(Path(sys.argv[1])) as folder:
    for unit in map(str, range(40)):
        if not folder.has(unit):
            with folder.unit(unit) as shard:
                shard.table("lifecycle_span", pl.DataFrame({"span": [int(unit)] * 1000, "n_features": [1] * 1000}))
    folder.finish()
"""


def test_killed_at_any_moment_ends_identical(tmp_path):
    command = [sys.executable, "-c", WRITER]
    subprocess.run([*command, str(tmp_path / "demo-whole")], check=True)
    target = tmp_path / "demo-killed"
    for delay in (0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        process = subprocess.Popen([*command, str(target)])
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run([*command, str(target)], check=True)

    def contents(path: Path) -> dict[str, str]:
        units = json.loads((path / "manifest.json").read_text())["units"]
        return {unit["unit"]: unit["shards"][0]["sha256"] for unit in units}

    assert contents(target) == contents(tmp_path / "demo-whole")
