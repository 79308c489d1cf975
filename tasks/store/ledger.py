"""The ledger of a step folder: one JSON line a finished unit, appended and fsynced.

1. Every line carries a hash of itself: a line with a flipped byte is no line.
2. A line ends with its newline. What stands behind the last one was being appended when the process died.
"""

import os
import threading
from pathlib import Path
from typing import BinaryIO, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tasks.store.atomic import explain_full_disk, write_text
from tasks.store.hashing import content_key


class Shard(BaseModel):
    """One file of a unit. ``table`` is the warehouse table it feeds, or None for tensors and files."""

    model_config = ConfigDict(frozen=True)

    path: str  # relative to the step folder
    table: str | None
    rows: int | None
    bytes: int
    sha256: str


class LedgerLine(BaseModel):
    """A unit of work that is done: its name, its shards, when, and how many seconds it took."""

    model_config = ConfigDict(frozen=True)

    unit: str
    shards: list[Shard]
    seconds: float
    committed: str


class SealedLine(BaseModel):
    """A line as it is written, with the hash that tells whether it is still the same."""

    model_config = ConfigDict(frozen=True)

    seal: str
    line: LedgerLine

    @classmethod
    def of(cls, line: LedgerLine) -> Self:
        """Seal a line."""
        return cls(seal=content_key(line.model_dump()), line=line)

    @model_validator(mode="after")
    def _is_unbroken(self) -> Self:
        if self.seal != content_key(self.line.model_dump()):
            raise ValueError(f"the line of unit {self.line.unit} was altered")
        return self

    @property
    def text(self) -> str:
        """One line, its newline included."""
        return self.model_dump_json() + "\n"


class Ledger:
    """The lines of one ledger, kept in memory: a question costs reading what the file has gained since the last one.

    Several threads may ask and append.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._forget(0)

    def lines(self) -> dict[str, LedgerLine]:
        """Finished units by name."""
        with self._lock:
            self._catch_up()
            return dict(self._lines)

    def shard(self, path: str) -> Shard | None:
        """The shard of that path, None if no unit has it."""
        with self._lock:
            self._catch_up()
            return self._shards.get(path)

    def __contains__(self, unit: str) -> bool:
        with self._lock:
            self._catch_up()
            return unit in self._lines

    @property
    def spoiled(self) -> bool:
        """Whether the file holds anything but whole lines."""
        with self._lock:
            self._catch_up()
            return self._spoiled or (self._path.exists() and self._path.stat().st_size > self._read)

    def append(self, line: LedgerLine) -> None:
        """Append one line and force it to the disk; a torn predecessor is closed off by a newline."""
        with self._lock, explain_full_disk(self._path), self._path.open("ab") as handle:
            if handle.tell() and not _ends_with_newline(self._path):
                handle.write(b"\n")
            handle.write(SealedLine.of(line).text.encode())
            handle.flush()
            os.fsync(handle.fileno())

    def replace(self, lines: dict[str, LedgerLine]) -> None:
        """Write the ledger anew with these lines only."""
        with self._lock:
            write_text(self._path, "".join(SealedLine.of(line).text for line in lines.values()))

    def _forget(self, inode: int) -> None:
        self._inode, self._read, self._spoiled = inode, 0, False
        self._lines: dict[str, LedgerLine] = {}
        self._shards: dict[str, Shard] = {}

    def _catch_up(self) -> None:
        """Read what the file has gained; all of it if it is another file than before, or a shorter one."""
        try:
            handle = self._path.open("rb")
        except FileNotFoundError:
            self._forget(0)
            return
        with handle:
            found = os.fstat(handle.fileno())
            if found.st_ino != self._inode or found.st_size < self._read:
                self._forget(found.st_ino)
            if found.st_size > self._read:
                self._take_in(handle)

    def _take_in(self, handle: BinaryIO) -> None:
        handle.seek(self._read)
        whole, newline, _ = handle.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        for text in whole.splitlines():
            try:
                line = SealedLine.model_validate_json(text).line
            except ValidationError:
                self._spoiled = True
                continue
            self._lines[line.unit] = line
            self._shards |= {shard.path: shard for shard in line.shards}


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) == b"\n"
