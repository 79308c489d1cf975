"""Folders that a process makes for itself beside what it reads or writes, and those that a killed one left.

Two processes that spill to one folder overwrite each other's rows: every connection spills to its own.
"""

import hashlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

NAME = re.compile(r"\.(opening|spill|site)-(?P<machine>[0-9a-f]{8})-(?P<pid>\d+)-[0-9a-f]{16}")
OLD = 3600.0  # seconds; a process of another machine that shares the folder is not to be seen from here


def scratch_path(folder: Path, purpose: str) -> Path:
    """A name in ``folder`` that no other connection uses. ``purpose`` is ``opening``, ``spill`` or ``site``."""
    return folder / f".{purpose}-{this_machine()}-{os.getpid()}-{token_hex(8)}"


def this_machine() -> str:
    """Eight digits that tell this machine from others that share the folder."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def abandoned(folder: Path) -> Iterator[Path]:
    """Scratch folders of this machine whose process has ended, and those of others that are an hour or more old."""
    for path in sorted(folder.glob(".*")):
        named = NAME.fullmatch(path.name)
        if named and not _runs(int(named["pid"])) and (named["machine"] == this_machine() or _age(path) > OLD):
            yield path


def remove_abandoned(folder: Path) -> None:
    """Delete them: a folder left while opening keeps a whole old snapshot on the disk."""
    for path in abandoned(folder):
        shutil.rmtree(path, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
