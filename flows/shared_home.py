"""A home in an object store, and the working home on this machine's disk.

1. When a command begins, snapshot and run records are brought here, and the names of all step folders.
2. What changes the warehouse works on the newest snapshot; its own is published if that still is the newest. If not,
   another machine was faster, and the work is done anew on what that one published.
3. A run's record is in the store before the snapshot that needs it, and goes after it.

What step folders hold, ``tasks.store.shared`` brings and takes by itself. Labels are written and kept on one machine.
"""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

from flows.shared_snapshot import bring_snapshot, take_snapshot
from tasks.store import StepFolder
from tasks.store.at_hand import fetch
from tasks.store.ledger import Shard
from tasks.store.manifest import MANIFEST
from tasks.store.objects import Objects, Version
from tasks.store.shared import MARK, store_url
from warehouse import FailedChecks
from warehouse.files import write_text
from warehouse.home import runs_folder, snapshot_path, warehouse_folder
from warehouse.reading import ledger_of_steps
from warehouse.run_record import read_records, record_path

LOCK = "changing"  # held by the process that brings or takes the snapshot
Result = TypeVar("Result")


class Seen(NamedTuple):
    """What the store held: the pointer to its snapshot, and the tags of the runs' records by name."""

    pointer: Version | None
    records: dict[str, str]


def open_shared(url: str, home: Path) -> None:
    """Make ``home`` the working home of the store at ``url``, up to date unless another process is at that.

    Raises RequestError or StoreTrouble, and leaves no folder behind, if the store cannot be used.
    """
    store = Objects(url)
    if store_url(home) is None:
        store.require_conditions()
    write_text(home / MARK, url)
    with _alone(home, patient=not snapshot_path(home).exists()) as ours:
        if ours:
            _bring(store, home)


def changing(home: Path, work: Callable[[], Result]) -> Result:
    """Do ``work``, which changes the warehouse of ``home``; of a home in an object store for all machines.

    It is done again where another machine was faster. Raises what ``work`` raises; StoreTrouble.
    """
    url = store_url(home)
    if url is None:
        return work()
    store = Objects(url)
    with _alone(home, patient=True):
        while True:
            seen = _bring(store, home)
            try:
                result = work()
            except FailedChecks:  # what passed is published all the same, with the report
                if _take(store, home, seen):
                    raise
            else:
                if _take(store, home, seen):
                    return result


def fetch_unpublished(home: Path, folders: list[Path]) -> None:
    """Have the manifests of step folders here, and the tables of those that the snapshot lacks."""
    if store_url(home) is not None:
        for folder in folders:
            StepFolder.open(folder)
        loaded = ledger_of_steps(home, [StepFolder(folder).key for folder in folders])
        _fetch_tables([folder for folder in folders if StepFolder(folder).key not in loaded])


def fetch_recorded(home: Path) -> None:
    """Have the tables of all step folders here that a record names. Raises NoWarehouse if there is no record."""
    if store_url(home) is not None:
        _fetch_tables([runs_folder(home) / name for record in read_records(home) for name in record.folders])


def remove_forgotten(home: Path, run_id: str, folders: list[str]) -> None:
    """Remove a forgotten run's record and step folders from the store, if the home is in one."""
    url = store_url(home)
    if url is None:
        return
    store = Objects(url)
    store.remove(f"runs/{record_path(home, run_id).name}")
    for folder in folders:
        # manifest, lines, shards, in this order: a folder half removed is an unfinished one
        for name in sorted(store.sizes(f"runs/{folder}"), key=lambda name: ("/shards/" in name, "/units/" in name)):
            store.remove(name)


def _fetch_tables(folders: list[Path]) -> None:
    for folder in folders:
        fetch(folder, _feeds_a_table)


def _feeds_a_table(shard: Shard) -> bool:
    return shard.table is not None


@contextmanager
def _alone(home: Path, patient: bool) -> Iterator[bool]:
    """Whether this is the one process of the machine that brings or takes; ``patient``: wait until it is."""
    with (warehouse_folder(home) / LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if patient else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _bring(store: Objects, home: Path) -> Seen:
    """Make the working home what the store is."""
    runs = runs_folder(home)
    files, folders = store.children("runs")
    for name in folders:
        (runs / name).mkdir(parents=True, exist_ok=True)
    for manifest in runs.glob(f"*/{MANIFEST}"):
        if manifest.parent.name not in folders:  # another machine has forgotten the run
            manifest.unlink(missing_ok=True)
    here = _records(home)
    for name in here.keys() - files.keys():
        (runs / name).unlink()
    for name, tag in files.items():
        if here.get(name) != tag and (found := store.read(f"runs/{name}")):
            write_text(runs / name, found.data.decode())
    return Seen(bring_snapshot(store, home), files)


def _take(store: Objects, home: Path, seen: Seen) -> bool:
    """Publish what the working home has; False if another machine has published meanwhile."""
    for name, tag in sorted(_records(home).items()):
        if seen.records.get(name) != tag:
            store.write(f"runs/{name}", (runs_folder(home) / name).read_bytes())
    return take_snapshot(store, home, seen.pointer)


def _records(home: Path) -> dict[str, str]:
    """Records of the working home by name, with the tag that a store gives such bytes unless it enciphers them."""
    paths = runs_folder(home).glob("run-*.json")
    return {path.name: f'"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"' for path in paths}
