"""The lock of a step folder: one process of this machine writes it at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.store.atomic import explain_full_disk
from tasks.store.errors import FolderBusy

LOCK = "lock"  # a file in the folder


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock. Raises FolderBusy if another process does."""
    with explain_full_disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy(
                f"another run is writing {folder}: wait for it to end (`scfm status` shows it) and run again"
            ) from None
        yield


def is_held(folder: Path) -> bool:
    """Whether a process holds the folder's lock right now."""
    path = folder / LOCK
    if not path.exists():
        return False
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
