"""Opening and replacing the warehouse's files; every foreseeable failure becomes one line."""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import OutOfSpace, WarehouseError, WarehouseLocked
from warehouse.home import warehouse_folder

LOCK = "lock"
WRITING: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "4GB"}  # beyond, DuckDB spills to disk


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Be the only process that publishes. Raises WarehouseLocked, naming the other one."""
    with explained(home):
        path = warehouse_folder(home) / LOCK
        handle = path.open("a+")
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise _locked(path.parent, handle.read().strip()) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


@contextmanager
def writer(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file for writing, alone; at the end all of it is in the file. Raises WarehouseLocked, OutOfSpace."""
    with explained(path), duckdb.connect(str(path), config=WRITING) as con:
        yield con
        con.execute("CHECKPOINT")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a lock held elsewhere, a full disk and any other trouble with files into one line."""
    try:
        yield
    except duckdb.IOException as error:
        text = str(error)
        if "Could not set lock" in text:
            holder = re.search(r"PID (\d+)", text)
            raise _locked(path, holder.group(1) if holder else "") from error
        if "No space left" in text:
            raise _full(path) from error
        raise WarehouseError(f"cannot use {path}: {text.splitlines()[0]}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(path) from error
        raise WarehouseError(f"cannot use {path}: {error}") from error


def copy_file(source: Path, target: Path) -> None:
    """Copy a file. Raises OutOfSpace."""
    with explained(target):
        shutil.copyfile(source, target)


def move_into_place(source: Path, target: Path) -> None:
    """Force a file of the same folder to the disk and rename it: readers see the old or the new one, whole."""
    with explained(target):
        _fsync(source)
        os.replace(source, target)
        _fsync(target.parent)


def remove_database(path: Path) -> None:
    """Delete a DuckDB file and what a dead process left beside it."""
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(path: Path, pid: str) -> WarehouseLocked:
    who = f"process {pid}" if pid else "another process"
    return WarehouseLocked(f"the warehouse {path} is in use by {who}: wait until it ends, or stop it, and run again")


def _full(path: Path) -> OutOfSpace:
    return OutOfSpace(
        f"disk full while writing {path}: free some space and run the same command again; "
        "what was published before is intact"
    )
