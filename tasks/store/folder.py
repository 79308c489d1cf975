"""A step folder: ``<root>/<step>-<key>/``, written unit by unit, finished by a manifest.

1. ``StepFolder.create`` takes the folder's lock; a second process is refused with one clear line.
2. ``with folder.unit(name) as unit`` writes shards under temporary names and, when the block ends
   without an error, renames them and appends one ledger line. A shard without its line does not exist.
3. ``folder.finish`` writes ``manifest.json`` last. A folder without it is unfinished.
"""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from tasks.store.atomic import atomic_path, explain_full_disk, write_text
from tasks.store.errors import DamagedShard, FolderBusy, ScfmError
from tasks.store.hashing import sha256_file
from tasks.store.ledger import LedgerLine, Shard, append_line, dump_manifest, read_ledger, rewrite_ledger

MANIFEST = "manifest.json"
LEDGER = "ledger.jsonl"
LOCK = "lock"


class Unit:
    """The shards of one unit of work, while it is being written."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self.shards: list[Shard] = []

    def table(self, table: str, frame: pl.DataFrame) -> None:
        """Write rows of the warehouse table ``table`` to ``tables/<table>/<unit>.parquet``."""
        with self._new_file(f"tables/{table}/{self._name}.parquet", table, frame.height) as path:
            frame.write_parquet(path, compression="zstd", statistics=True)

    @contextmanager
    def file(self, relative: str) -> Iterator[Path]:
        """Yield a temporary path whose content becomes ``<folder>/<relative>`` (tensors, models)."""
        with self._new_file(relative, None, None) as path:
            yield path

    @contextmanager
    def _new_file(self, relative: str, table: str | None, rows: int | None) -> Iterator[Path]:
        target = self._folder / relative
        with atomic_path(target) as temporary:
            yield temporary
        size = target.stat().st_size
        shard = Shard(path=relative, table=table, rows=rows, bytes=size, sha256=sha256_file(target))
        self.shards.append(shard)


class StepFolder:
    """One step's results under one key. ``path`` is what tasks pass to each other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    @contextmanager
    def create(cls, path: Path) -> Iterator["StepFolder"]:
        """Open ``<root>/<step>-<key>`` for writing, alone; drop what no ledger line vouches for.

        Raises FolderBusy if another process holds the folder.
        """
        with explain_full_disk(path):
            path.mkdir(parents=True, exist_ok=True)
            lock = (path / LOCK).open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderBusy(
                    f"another run is writing {path}: wait for it to end (`scfm status` shows it) and run again"
                ) from None
            folder = cls(path)
            folder._recover()
            yield folder

    @classmethod
    def open(cls, path: Path) -> "StepFolder":
        """Open a finished folder for reading. Raises ScfmError if it has no manifest."""
        folder = cls(path)
        if not folder.done:
            raise ScfmError(f"{path} is not finished: run the study again to complete it")
        return folder

    @property
    def step(self) -> str:
        """The step's name: the folder's name up to its last dash."""
        return self.path.name.rpartition("-")[0]

    @property
    def key(self) -> str:
        """The step's content key: the folder's name after its last dash."""
        return self.path.name.rpartition("-")[2]

    @property
    def done(self) -> bool:
        """Whether the manifest has been written."""
        return (self.path / MANIFEST).exists()

    @property
    def busy(self) -> bool:
        """Whether a process holds the folder's lock right now."""
        path = self.path / LOCK
        if not path.exists():
            return False
        with path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def lines(self) -> dict[str, LedgerLine]:
        """The ledger: finished units by name."""
        return read_ledger(self.path / LEDGER)

    @property
    def info(self) -> dict[str, Any]:
        """What the step said when it finished."""
        info: dict[str, Any] = json.loads((self.path / MANIFEST).read_text())["info"]
        return info

    def has(self, unit: str) -> bool:
        """Whether the unit is in the ledger."""
        return unit in self.lines

    @contextmanager
    def unit(self, name: str) -> Iterator[Unit]:
        """Write one unit; it is in the ledger when the block ends, or it never was."""
        started = time.monotonic()
        unit = Unit(self.path, name)
        yield unit
        seconds = round(time.monotonic() - started, 3)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        append_line(self.path / LEDGER, LedgerLine(unit=name, shards=unit.shards, seconds=seconds, committed=now))

    def finish(self, **info: object) -> None:
        """Write the manifest, the last thing a step does."""
        write_text(self.path / MANIFEST, dump_manifest(self.step, self.key, self.lines, info))

    def shards(self, table: str) -> list[Path]:
        """The Parquet files of one table, in unit order, each checked against its ledger line."""
        lines = self.lines
        wanted = [shard for name in sorted(lines) for shard in lines[name].shards if shard.table == table]
        return [self._checked(shard) for shard in wanted]

    def read_table(self, table: str) -> pl.DataFrame:
        """All rows of one table. Raises ScfmError if the step wrote none."""
        paths = self.shards(table)
        if not paths:
            raise ScfmError(f"{self.path} holds no shard of table {table}: delete the folder and run again")
        return pl.read_parquet(paths)

    def file(self, relative: str) -> Path:
        """The path of a shard that is no table, checked against its ledger line."""
        for line in self.lines.values():
            for shard in line.shards:
                if shard.path == relative:
                    return self._checked(shard)
        raise ScfmError(f"{self.path} holds no {relative}: delete the folder and run again")

    def damaged(self) -> list[str]:
        """Names of units with a shard that is missing, truncated or altered."""
        return [name for name, line in self.lines.items() if not all(map(self._intact, line.shards))]

    def _intact(self, shard: Shard) -> bool:
        path = self.path / shard.path
        return path.exists() and path.stat().st_size == shard.bytes and sha256_file(path) == shard.sha256

    def _checked(self, shard: Shard) -> Path:
        if not self._intact(shard):
            raise DamagedShard(
                f"shard {self.path / shard.path} does not match its ledger line (truncated or altered): "
                "run the study again, the unit will be made anew"
            )
        return self.path / shard.path

    def _recover(self) -> None:
        """Forget damaged units, and remove files that no ledger line names."""
        lines = self.lines
        bad = self.damaged()
        if bad:
            (self.path / MANIFEST).unlink(missing_ok=True)
            lines = {name: line for name, line in lines.items() if name not in bad}
            rewrite_ledger(self.path / LEDGER, lines)
        kept = {self.path / shard.path for line in lines.values() for shard in line.shards}
        kept |= {self.path / name for name in (MANIFEST, LEDGER, LOCK)}
        for path in self.path.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
