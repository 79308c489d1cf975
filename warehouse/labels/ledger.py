"""The ledger ``labels.jsonl`` in the home: a file to which every change adds one line, and which nothing shortens.

1. A line is one change, whole: several rows of it stand or fall together. An edit leaves the earlier line where it is,
   and removing something is a line as well.
2. Who writes holds the file's lock, reads what stands there, decides on that, and forces the new line to the disk.
   Readers take no lock. The beginning of a line that a killed writer left is no change: readers skip it, and the next
   writer cuts it off.
3. The file does not belong to the warehouse: publishing, restoring and forgetting runs leave it alone. To back it up,
   copy it, or export it.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from warehouse.errors import WarehouseError, WarehouseLocked
from warehouse.files import explained
from warehouse.home import resolve_home
from warehouse.labels.entry import Entry, UnusableLabels, entry

PATIENCE = 10.0  # seconds to wait for another writer
LARGEST = 64 << 20  # bytes


def ledger_path(home: Path | None = None) -> Path:
    """The file, whether it is there or not."""
    return resolve_home(home) / "labels.jsonl"


def cannot_write(home: Path | None = None) -> str | None:
    """Why no label can be saved, as a sentence; None where one can."""
    path = ledger_path(home)
    if os.access(path if path.exists() else path.parent, os.W_OK):
        return None
    return f"Labels and lists can be read here and not changed: {path} cannot be written by this dashboard."


def read_entries(home: Path | None = None) -> list[Entry]:
    """All rows, oldest first. Raises WarehouseError, naming the line, for a file that was changed by hand."""
    path = ledger_path(home)
    if not path.exists():
        return []
    with explained(path):
        return _entries(path, path.read_bytes())


def change(home: Path | None, decide: Callable[[list[Entry]], Sequence[Entry]]) -> int:
    """Add the rows that ``decide`` makes of all earlier ones, as one line. Returns how many.

    Raises what ``decide`` raises; WarehouseLocked; OutOfSpace or WarehouseError where the file cannot be written.
    """
    path = ledger_path(home)
    with explained(path), path.open("a+b") as handle:
        _lock(handle, path)
        handle.seek(0)
        found = handle.read()
        added = decide(_entries(path, found))
        if added:
            _append(handle, path, found, added)
        return len(added)


def _lock(handle: IO[bytes], path: Path) -> None:
    """Wait for other writers; closing the file gives the lock back."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise WarehouseLocked(f"{path} is being written by another process: try again") from None
            time.sleep(0.02)
        else:
            return


def _append(handle: IO[bytes], path: Path, found: bytes, added: Sequence[Entry]) -> None:
    rows = [one.model_dump(exclude_defaults=True) for one in added]
    for row in rows:
        entry(**row)  # what is written can be read
    line = json.dumps(rows, ensure_ascii=False).encode() + b"\n"
    whole = _whole(found)
    if len(whole) + len(line) > LARGEST:
        raise UnusableLabels(f"{path} is full ({LARGEST >> 20} MiB): export it, and move it away")
    with _undone(handle, len(whole)):
        handle.truncate(len(whole))
        handle.write(line)
        handle.flush()
        os.fsync(handle.fileno())


@contextmanager
def _undone(handle: IO[bytes], size: int) -> Iterator[None]:
    """Leave no part of a line behind where the disk is full."""
    try:
        yield
    except OSError:
        os.ftruncate(handle.fileno(), size)
        raise


def _whole(found: bytes) -> bytes:
    """What was written up to the last end of a line."""
    return found[: found.rfind(b"\n") + 1]


def _entries(path: Path, found: bytes) -> list[Entry]:
    entries = []
    for number, line in enumerate(_whole(found).splitlines(), start=1):
        try:
            rows = json.loads(line)
            if not isinstance(rows, list):
                raise ValueError("no list of rows")
            entries += [entry(**row) for row in rows]
        except (ValueError, TypeError, RecursionError, UnusableLabels) as error:
            reason = str(error).splitlines()[0]
            raise WarehouseError(
                f"{path}, line {number} is no change of labels ({reason}): mend it, or move the file away"
            ) from error
    return entries
