"""A step folder: ``<root>/<step>-<key>/``, written unit by unit, finished by a manifest.

1. ``StepFolder.create`` takes the folder's lock; a second process is refused with one clear line.
2. ``with folder.unit(name) as unit`` writes shards under temporary names and, when the block ends
   without an error, renames them and appends one ledger line. A shard without its line does not exist.
3. ``folder.finish`` writes ``manifest.json`` last. A folder without it is unfinished.

Several threads of the process that holds the lock may write units at once, each its own. In a home in an object store
the same holds of one machine, and ``shared`` says what holds between machines.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from tasks.store.atomic import explain_full_disk, fsync_path, write_text
from tasks.store.errors import DamagedShard, ScfmError
from tasks.store.ledger import Ledger, LedgerLine, Shard
from tasks.store.lock import LOCK, held, is_held
from tasks.store.manifest import MANIFEST, dump_manifest, is_manifest_of
from tasks.store.shards import Sightings, Unit
from tasks.store.shared import shared_ledger

LEDGER = "ledger.jsonl"


class StepFolder:
    """One step's results under one key. ``path`` is what tasks pass to each other."""

    def __init__(self, path: Path, tables: Sequence[str] | None = None) -> None:
        self.path, self._tables = path, tables
        self._shared, self._sightings = shared_ledger(path), Sightings(path)
        self._ledger = self._shared or Ledger(path / LEDGER)

    @classmethod
    @contextmanager
    def create(cls, path: Path, tables: Sequence[str] | None = None) -> Iterator["StepFolder"]:
        """Open ``<root>/<step>-<key>`` for writing, alone; drop what no ledger line vouches for.

        ``tables``: those that the step declares; no other can be written. None: any table.
        Raises FolderBusy if another process holds the folder.
        """
        with held(path):
            folder = cls(path, tables)
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
        """Whether the manifest has been written and tells of the units that the ledger has."""
        return is_manifest_of(self.path / MANIFEST, self.lines)

    @property
    def busy(self) -> bool:
        """Whether a process holds the folder's lock right now."""
        return is_held(self.path)

    @property
    def lines(self) -> dict[str, LedgerLine]:
        """The ledger: finished units by name."""
        return self._ledger.lines()

    @property
    def info(self) -> dict[str, Any]:
        """What the step said when it finished."""
        info: dict[str, Any] = json.loads((self.path / MANIFEST).read_text())["info"]
        return info

    @property
    def reads(self) -> list[str]:
        """Names of the step folders that the step read."""
        reads: list[str] = json.loads((self.path / MANIFEST).read_text())["reads"]
        return reads

    def has(self, unit: str) -> bool:
        """Whether the unit is in the ledger."""
        return unit in self._ledger

    @contextmanager
    def unit(self, name: str) -> Iterator[Unit]:
        """Write one unit; it is in the ledger when the block ends, or it never was."""
        started = time.monotonic()
        unit = Unit(self.path, name, self._sightings, self._tables)
        yield unit
        seconds = round(time.monotonic() - started, 3)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._ledger.append(LedgerLine(unit=name, shards=unit.shards, seconds=seconds, committed=now))

    def drop(self, name: str) -> None:
        """Remove a unit that is no longer needed, its line first: a checkpoint, for one."""
        lines = self.lines
        shards = lines.pop(name).shards
        self._ledger.replace(lines)
        for shard in shards:
            (self.path / shard.path).unlink(missing_ok=True)

    def take(self, other: "StepFolder", name: str) -> None:
        """Move a unit of another folder here, both held by the caller: its files first, then its line."""
        line = other.lines[name]
        with explain_full_disk(self.path):
            for shard in line.shards:
                target = self.path / shard.path
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(other.path / shard.path, target)
                fsync_path(target.parent)
        self._ledger.append(line)

    def finish(self, reads: Sequence[str] = (), /, **info: object) -> None:
        """Write the manifest, the last thing a step does. ``reads``: names of the step folders that were read."""
        text = dump_manifest(self.step, self.key, self.lines, reads, info)
        if self._shared:
            self._shared.finish(text)  # for all machines, before this one believes it
        write_text(self.path / MANIFEST, text)

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
        return pl.read_parquet(paths, glob=False)

    def file(self, relative: str) -> Path:
        """The path of a shard that is no table, checked against its ledger line."""
        shard = self._ledger.shard(relative)
        if shard is None:
            raise ScfmError(f"{self.path} holds no {relative}: delete the folder and run again")
        return self._checked(shard)

    def damaged(self) -> list[str]:
        """Names of units with a shard that is missing, truncated or altered."""
        return [name for name, line in self.lines.items() if not all(map(self._kept, line.shards))]

    def _kept(self, shard: Shard) -> bool:
        return self._sightings.intact(shard) or bool(self._shared and self._shared.holds(shard))

    def _checked(self, shard: Shard) -> Path:
        if self._shared:
            self._shared.fetch(shard, self._sightings.intact)
        if not self._sightings.intact(shard):
            raise DamagedShard(
                f"shard {self.path / shard.path} does not match its ledger line (truncated or altered): "
                "run the study again, the unit will be made anew"
            )
        return self.path / shard.path

    def _recover(self) -> None:
        """Forget damaged units and what the ledger holds beside whole lines; remove files that no line names."""
        if self._shared:
            self._shared.refresh()
        bad = self.damaged()
        if bad and self._shared:
            self._shared.unfinish()
        lines = {name: line for name, line in self.lines.items() if name not in bad}
        if bad or not self.done:
            (self.path / MANIFEST).unlink(missing_ok=True)
        if bad or self._ledger.spoiled:
            self._ledger.replace(lines)
        kept = {self.path / shard.path for line in lines.values() for shard in line.shards}
        kept |= {self.path / name for name in (MANIFEST, LEDGER, LOCK)}
        for path in self.path.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
