"""Processes that were started here and whose starter is gone: there should be none, and `scfm doctor` names them."""

from dataclasses import dataclass

import psutil

from warehouse.parent import CHILD


@dataclass(frozen=True)
class Orphan:
    """A process that outlived the one that started it."""

    pid: int
    parent: int

    def __str__(self) -> str:
        return f"process {self.pid} was left behind by process {self.parent}, which has ended"


def orphans() -> list[Orphan]:
    """All that this user may see, by process id."""
    found = []
    for process in psutil.process_iter(["pid", "ppid", "cmdline"]):
        words = process.info["cmdline"] or []
        if CHILD in words and words[-2].isdigit() and process.info["ppid"] != int(words[-2]):
            found.append(Orphan(process.info["pid"], int(words[-2])))
    return sorted(found, key=lambda orphan: orphan.pid)
