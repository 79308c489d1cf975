"""Machines that die, disks that are lost, and objects that somebody altered: what the others then find."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tasks.store import DamagedShard, StepFolder
from tasks.store.objects import Objects
from tests.builders.forked import SERVER
from tests.builders.killed import Killed
from tests.builders.shared_folders import NAME, UNITS, folder_of, hashes, objects_of, write


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
