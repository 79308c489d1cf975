"""Step folders of a home in an object store: several machines, each with a disk of its own, and one ledger."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from tasks.store import DamagedShard, FolderBusy, ScfmError, StepFolder
from tasks.store.at_hand import at_hand
from tasks.store.objects import Objects, _client
from tests.builders.forked import SERVER
from tests.builders.killed import Killed
from tests.builders.s3_server import machine

FRAME = pl.DataFrame({"span": [1, 2, 3], "n_features": [4, 5, 6]})
NAME = "demo-0123456789abcdef"
UNITS = ("a", "b", "c")


@pytest.fixture
def machines(bucket, tmp_path) -> tuple[Path, Path]:
    return machine(tmp_path, "one", bucket), machine(tmp_path, "two", bucket)


def folder_of(home: Path) -> Path:
    return home / "runs" / NAME


def write_unit(folder: StepFolder, unit: str, word: str = "") -> None:
    with folder.unit(unit) as shard:
        shard.table("lifecycle_span", FRAME)
        with shard.file(f"raw/{unit}.bin") as target:
            target.write_bytes((word or unit).encode() * 100)


def write(home: Path, units: tuple[str, ...] = UNITS, finish: bool = True) -> list[str]:
    """Do the units that are not done yet, and say which."""
    with StepFolder.create(folder_of(home)) as folder:
        missing = [unit for unit in units if not folder.has(unit)]
        for unit in missing:
            write_unit(folder, unit)
        if finish:
            folder.finish(answer=42)
    return missing


def objects_of(bucket: str) -> dict[str, int]:
    return Objects(bucket).sizes("runs")


def hashes(home: Path) -> dict[str, str]:
    lines = StepFolder(folder_of(home)).lines.values()
    return {shard.path: shard.sha256 for line in lines for shard in line.shards}


def files(home: Path) -> set[str]:
    found = (path for path in folder_of(home).rglob("*") if path.is_file())
    return {str(path.relative_to(folder_of(home))) for path in found} - {"lock"}


def test_another_machine_reads_what_one_has_finished_and_fetches_what_it_asks_for(machines):
    one, two = machines
    write(one)
    folder = StepFolder.open(folder_of(two))
    assert (folder.info, folder.reads, folder.damaged()) == ({"answer": 42}, [], [])
    assert files(two) == {"manifest.json"}
    assert folder.file("raw/b.bin").read_bytes() == b"b" * 100
    assert files(two) == {"manifest.json", "raw/b.bin"}
    assert folder.read_table("lifecycle_span").height == 9
    assert hashes(one) == hashes(two)


def test_what_no_step_folder_is_asked_for_is_fetched_as_a_whole(machines):
    one, two = machines
    write(one)
    assert sorted(path.name for path in at_hand(folder_of(two) / "raw").iterdir()) == ["a.bin", "b.bin", "c.bin"]
    assert files(two) == {"manifest.json", *(f"raw/{unit}.bin" for unit in UNITS)}
    assert at_hand(two.parent) == two.parent


def test_another_machine_resumes_where_one_stopped(machines, tmp_path):
    one, two = machines
    write(one, ("a", "b"), finish=False)
    assert not StepFolder(folder_of(two)).done
    assert write(two) == ["c"]
    alone = tmp_path / "alone"
    write(alone)
    assert hashes(two) == hashes(one) == hashes(alone)
    assert write(one) == []


def test_of_two_machines_at_one_unit_the_second_is_refused_and_its_shards_are_not_read(machines, bucket):
    one, two = machines
    with StepFolder.create(folder_of(one)) as first, StepFolder.create(folder_of(two)) as second:
        assert not first.has("a")
        assert not second.has("a")
        write_unit(second, "a", "faster")
        with pytest.raises(FolderBusy) as refused:
            write_unit(first, "a", "slower")
    assert str(refused.value) == (
        f"another machine is writing runs/{NAME} in {bucket}, and was first to finish unit a: "
        "wait for it to end and run again"
    )
    for home in machines:
        assert StepFolder(folder_of(home)).file("raw/a.bin").read_bytes() == b"faster" * 100
    assert write(one) == ["b", "c"]


def test_a_line_whose_answer_was_lost_is_still_ours(bucket):
    store = Objects(bucket)
    assert store.create("x", b"line")
    assert store.create("x", b"line")
    assert not store.create("x", b"other")
    known = store.read("x")
    assert store.replace("x", b"newer", known)
    assert not store.replace("x", b"mine", known)
    assert not store.replace("y", b"mine", known)
    assert store.replace("y", b"mine", None)
    assert (store.read("x").data, store.read("z")) == (b"newer", None)


def dying(method: str, call: int, die: Callable[[], None]) -> Any:
    """A method of the store that dies at its n-th call."""
    done, calls = getattr(Objects, method), []

    def counting(*words):
        calls.append(words)
        if len(calls) == call:
            die()
        return done(*words)

    return patch.object(Objects, method, counting)


def end() -> None:
    raise Killed


def write_until_killed(home: Path, environment: dict[str, str]) -> None:
    os.environ.update(environment)
    with dying("upload", 4, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        write(home)


@pytest.mark.parametrize(
    ("method", "call", "left"),
    [
        ("upload", 1, UNITS),  # with nothing in the store
        ("upload", 4, ("b", "c")),  # with half of a unit in the store
        ("create", 2, ("b", "c")),  # with all shards of a unit, and no line
        ("create", 4, ()),  # with all lines, and no manifest
    ],
)
def test_a_machine_that_dies_leaves_nothing_that_is_read(machines, method, call, left, tmp_path):
    one, two = machines
    with dying(method, call, end), pytest.raises(Killed):
        write(one)
    goes_on(two, left, tmp_path)


@pytest.mark.slow
def test_a_machine_that_is_killed_leaves_nothing_that_is_read(machines, tmp_path):
    one, two = machines
    process = SERVER.Process(target=write_until_killed, args=(one, dict(os.environ)))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    goes_on(two, ("b", "c"), tmp_path)


def goes_on(two: Path, left: tuple[str, ...], tmp_path: Path) -> None:
    """Another machine does what is left, and has what one machine alone makes."""
    assert not StepFolder(folder_of(two)).done
    assert set(hashes(two)) == {path for u in UNITS if u not in left for path in shard_paths(u)}
    assert write(two) == list(left)
    write(tmp_path / "alone")
    assert hashes(two) == hashes(tmp_path / "alone")
    assert [StepFolder.open(folder_of(two)).file(f"raw/{u}.bin").read_bytes() for u in UNITS] == [
        u.encode() * 100 for u in UNITS
    ]


def shard_paths(unit: str) -> tuple[str, str]:
    return f"tables/lifecycle_span/{unit}.parquet", f"raw/{unit}.bin"


def test_a_disk_that_is_lost_or_altered_is_made_good_from_the_store(machines):
    one, _ = machines
    write(one)
    (folder_of(one) / "raw" / "a.bin").write_bytes(b"x" * 100)
    (folder_of(one) / "raw" / "b.bin").unlink()
    assert write(one) == []
    folder = StepFolder.open(folder_of(one))
    assert [folder.file(f"raw/{unit}.bin").read_bytes()[:1] for unit in "ab"] == [b"a", b"b"]


def test_a_shard_that_the_store_lost_is_named_and_made_anew(machines, bucket):
    one, two = machines
    write(one)
    (lost,) = (name for name in objects_of(bucket) if "raw/b.bin" in name)
    Objects(bucket).remove(lost)
    with pytest.raises(DamagedShard, match=rf"lacks runs/{NAME}/shards/raw/b\.bin/\w+, which the ledger of"):
        StepFolder.open(folder_of(two)).file("raw/b.bin")
    assert write(two) == ["b"]
    assert StepFolder.open(folder_of(two)).file("raw/b.bin").read_bytes() == b"b" * 100


def test_a_dropped_unit_leaves_nothing_in_the_store(machines, bucket):
    one, two = machines
    with StepFolder.create(folder_of(one)) as folder:
        write_unit(folder, "a")
        before = objects_of(bucket)
        write_unit(folder, "b")
        folder.drop("b")
        assert not folder.has("b")
    assert objects_of(bucket) == before
    assert set(StepFolder(folder_of(two)).lines) == {"a"}


@pytest.mark.parametrize("name", ["units/a.json", "manifest.json"])
def test_a_state_that_was_altered_by_hand_is_named(machines, bucket, name):
    one, two = machines
    write(one)
    store = Objects(bucket)
    store.write(f"runs/{NAME}/state/{name}", b"{}")
    if name != "manifest.json":
        store.remove(f"runs/{NAME}/state/manifest.json")
    with pytest.raises(DamagedShard, match=rf"{bucket}/runs/{NAME}/state/{name} is no .*: remove that object"):
        _ = StepFolder(folder_of(two)).done


def test_a_bucket_that_is_not_there_is_one_line(bucket, tmp_path):
    with pytest.raises(ScfmError, match=r"^cannot use s3://nowhere/x \(.*\): see that the bucket exists.*is kept$"):
        machine(tmp_path, "three", "s3://nowhere/x")
    assert not (tmp_path / "three").exists()


def test_a_package_that_is_not_installed_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    _client.cache_clear()
    with pytest.raises(ScfmError) as caught:
        Objects("s3://bucket/x")
    assert str(caught.value) == "SCFM_HOME=s3://bucket/x needs one more package: pip install 'scfm-atlas[s3]'"
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("url", ["gs://bucket/x", "s3://", "s3:///x"])
def test_another_kind_of_store_is_refused(url):
    with pytest.raises(ScfmError, match="no object store that is understood here: give s3://bucket/prefix"):
        Objects(url)
