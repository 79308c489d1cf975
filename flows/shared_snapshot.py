"""The published snapshot of a home in an object store, and the copy of it that a machine works with.

``warehouse/snapshot.json`` in the store names the snapshot, an object whose name holds its hash. It is swapped on
condition that it still is what it was (If-Match): readers see the old snapshot or the new one, whole, and of two
machines that publish at once one is told so. What a killed machine uploaded is named by nothing, and never read.
"""

import json
from pathlib import Path

from tasks.store import DamagedShard, sha256_file
from tasks.store.objects import Objects, Version
from warehouse.files import move_into_place, write_text
from warehouse.home import snapshot_path

POINTER = "warehouse/snapshot.json"
NOTE = "fetched.json"  # beside the working snapshot: the pointer to it, and how the file looked then


def bring_snapshot(store: Objects, home: Path) -> Version | None:
    """Make the working snapshot the published one; returns the pointer to it, None if nothing is published.

    Raises DamagedShard if the store lacks what the pointer names.
    """
    missed: Version | None = None
    while pointer := store.read(POINTER):
        if _noted(home) == pointer.data.decode() or _fetch(store, home, pointer):
            return pointer
        if pointer == missed:
            raise _damaged(store, "is not there")
        missed = pointer  # another snapshot took its place between the two requests
    snapshot_path(home).unlink(missing_ok=True)
    return None


def take_snapshot(store: Objects, home: Path, known: Version | None) -> bool:
    """Publish the working snapshot, if it has changed; False if the pointer is no longer as it was ``known`` to be."""
    path = snapshot_path(home)
    if not path.exists() or (known is not None and _noted(home) == known.data.decode()):
        return True
    pointer = json.dumps({"sha256": sha256_file(path), "bytes": path.stat().st_size}).encode()
    store.upload(path, _object(pointer))
    if not store.replace(POINTER, pointer, known):
        store.remove(_object(pointer))
        return False
    _note(home, pointer)
    if known is not None and _object(known.data) != _object(pointer):
        store.remove(_object(known.data))
    return True


def _fetch(store: Objects, home: Path, pointer: Version) -> bool:
    """Bring the snapshot; False if it is not there. The caller is the one process that does."""
    path = snapshot_path(home)
    coming = path.with_name(f".{path.name}.coming")
    try:
        if not store.download(_object(pointer.data), coming):
            return False
        if sha256_file(coming) != json.loads(pointer.data)["sha256"]:
            raise _damaged(store, "has other bytes")
        move_into_place(coming, path)
    finally:
        coming.unlink(missing_ok=True)
    _note(home, pointer.data)
    return True


def _damaged(store: Objects, how: str) -> DamagedShard:
    return DamagedShard(
        f"the snapshot that {store.url}/{POINTER} names {how}: remove that object, and `scfm restore` makes it anew"
    )


def _object(pointer: bytes) -> str:
    return f"warehouse/snapshots/{json.loads(pointer)['sha256']}.duckdb"


def _note(home: Path, pointer: bytes) -> None:
    write_text(snapshot_path(home).with_name(NOTE), json.dumps([pointer.decode(), *_look(snapshot_path(home))]))


def _noted(home: Path) -> str | None:
    """The pointer to the working snapshot; None if that was changed since, or is not there."""
    try:
        pointer, *look = json.loads(snapshot_path(home).with_name(NOTE).read_text())
        return str(pointer) if look == _look(snapshot_path(home)) else None
    except (FileNotFoundError, ValueError):
        return None


def _look(path: Path) -> list[int]:
    about = path.stat()
    return [about.st_ino, about.st_size, about.st_mtime_ns]
