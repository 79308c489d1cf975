"""Files that exist whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.store.errors import OutOfSpace

LEAST_FREE = 1 << 16  # bytes; a disk with less is full


@contextmanager
def explain_full_disk(where: Path) -> Iterator[None]:
    """Turn the operating system's "no space left" into a line that says what to do."""
    try:
        yield
    except Exception as error:
        if not _is_full_disk(error, where):
            raise
        raise OutOfSpace(
            f"disk full while writing {where}: free some space and run the same command again, finished work is kept"
        ) from error


def _is_full_disk(error: Exception, where: Path) -> bool:
    """Libraries that write by themselves, safetensors for one, wrap the system's error in one of their own.

    Polars loses it where the disk fills up under the footer of a Parquet file: then the disk itself is asked.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    if os.strerror(errno.ENOSPC) in str(error):
        return True
    return "transport error" in str(error) and shutil.disk_usage(where.parent).free < LEAST_FREE


def fsync_path(path: Path) -> None:
    """Force a file's bytes, or a directory's entries, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary name beside ``target``; on success fsync it and rename it into place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with explain_full_disk(target):
            yield temporary
            fsync_path(temporary)
            os.replace(temporary, target)
            fsync_path(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write ``text`` to ``target`` atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text)
