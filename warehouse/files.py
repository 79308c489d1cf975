"""Opening and replacing the warehouse's files; every foreseeable failure becomes one line."""

import errno
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import OutOfSpace, WarehouseError, WarehouseLocked
from warehouse.home import warehouse_folder

LOCK = "lock"
MEMORY = "4GB"  # of a process that loads or audits; beyond, DuckDB spills to disk
FORMAT = "v1.3.0"  # of new files: DuckDB's default, v1.0, stores repeated texts half as fast
SETTINGS: dict[str, Any] = {"memory_limit": MEMORY, "storage_compatibility_version": FORMAT}


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Be the only process that publishes. Raises WarehouseLocked, naming the other one."""
    path = home / "warehouse" / LOCK
    with explained(path):
        warehouse_folder(home)
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
    """Open a DuckDB file for writing, alone; in the end it holds all that was written.

    Raises WarehouseLocked or OutOfSpace.
    """
    with explained(path), _plain_name(path) as name, duckdb.connect(str(name), config=SETTINGS) as con:
        yield con
        con.execute("CHECKPOINT")


@contextmanager
def _plain_name(path: Path) -> Iterator[Path]:
    """A name of the file without a question mark, at which a path ends for DuckDB: its log would lie beside the home.

    The file is what it was, under a second name on the same disk (``home.usable``).
    """
    if "?" not in str(path.absolute()):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="scfm-") as folder:
        name = Path(folder) / path.name
        if path.exists():
            os.link(path, name)
        yield name
        os.replace(name, path)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a lock held elsewhere, a full or read-only disk and any other trouble with files into one line."""
    try:
        yield
    except (duckdb.Error, OSError) as error:  # DuckDB reports a full disk as a failed transaction, too
        if explanation := _explanation(path, str(error)):
            raise explanation from error
        if isinstance(error, duckdb.IOException | OSError):
            what = str(error).splitlines()[0]
            raise WarehouseError(f"cannot use {path}: {what}; `scfm doctor` says what to do") from error
        raise


def copy_file(source: Path, target: Path) -> None:
    """Copy a file. Raises OutOfSpace."""
    with explained(target):
        shutil.copyfile(source, target)


def move_into_place(source: Path, target: Path) -> None:
    """Force a file of the same disk to it and rename it: readers see the old or the new one, whole."""
    with explained(target):
        fsync_path(source)
        os.replace(source, target)
        fsync_path(target.parent)


def write_text(target: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text)
        move_into_place(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def remove_database(path: Path) -> None:
    """Delete a DuckDB file and what a dead process left beside it."""
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)


def fsync_path(path: Path) -> None:
    """Force a file's bytes, or a directory's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _locked(path: Path, pid: str) -> WarehouseLocked:
    who = f"process {pid}" if pid else "another process"
    return WarehouseLocked(f"the warehouse {path} is in use by {who}: wait until it ends, or stop it, and run again")


def _explanation(path: Path, text: str) -> WarehouseError | None:
    """The error in our words, if its text holds one of the system's phrases."""
    again = "and run the same command again; what was published before is intact"
    if "Could not set lock" in text:
        holder = re.search(r"PID (\d+)", text)
        return _locked(path, holder.group(1) if holder else "")
    if _says(text, errno.ENOSPC, errno.EDQUOT):
        return OutOfSpace(f"disk full while writing {path}: free some space {again}")
    if _says(text, errno.EROFS, errno.EACCES, errno.EPERM):
        return WarehouseError(
            f"cannot write {path}: it is read-only for this user: make {path.parent} writable {again}"
        )
    return None


def _says(text: str, *numbers: int) -> bool:
    return any(os.strerror(number) in text for number in numbers)
