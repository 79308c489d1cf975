"""Shards on the disk: written under a temporary name, and known by their bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import polars as pl

from tasks.store.atomic import atomic_path
from tasks.store.conform import conform
from tasks.store.errors import ScfmError
from tasks.store.hashing import sha256_file
from tasks.store.ledger import Shard


class Sight(NamedTuple):
    """A file at one moment: what it was found or promised to hold, and what changes if somebody touches it."""

    sha256: str
    inode: int
    bytes: int
    content_ns: int
    inode_ns: int

    @classmethod
    def of(cls, path: Path, sha256: str) -> Self:
        """Look at a file. Raises FileNotFoundError."""
        found = path.stat()
        return cls(sha256, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


class Sightings:
    """Which files were seen to hold the promised bytes: each is hashed once, and again if it was touched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Sight] = {}

    def intact(self, shard: Shard) -> bool:
        """Whether the file is there and holds the bytes of its ledger line."""
        path = self._folder / shard.path
        try:
            sight = Sight.of(path, shard.sha256)
        except FileNotFoundError:
            return False
        if self._seen.get(shard.path) == sight:
            return True
        if sight.bytes != shard.bytes or sha256_file(path) != shard.sha256:
            return False
        self._seen[shard.path] = sight
        return True

    def measure(self, relative: str, table: str | None, rows: int | None) -> Shard:
        """Hash a file that was just written."""
        path = self._folder / relative
        sha256 = sha256_file(path)
        self._seen[relative] = sight = Sight.of(path, sha256)
        return Shard(path=relative, table=table, rows=rows, bytes=sight.bytes, sha256=sha256)


class Unit:
    """The shards of one unit of work, while it is being written."""

    def __init__(self, folder: Path, name: str, sightings: Sightings, tables: Sequence[str] | None = None) -> None:
        self._folder, self._name, self._sightings, self._tables = folder, name, sightings, tables
        self.shards: list[Shard] = []

    def table(self, table: str, frame: pl.DataFrame) -> None:
        """Write rows of the warehouse table ``table`` to ``tables/<table>/<unit>.parquet``, as its contract says.

        Raises ContractMismatch, and writes nothing, if they depart from it, and ScfmError for a table that the step
        does not declare.
        """
        if self._tables is not None and table not in self._tables:
            raise ScfmError(f"{self._folder.name} writes table {table}, which its step does not declare")
        frame = conform(table, frame)
        with self._new_file(f"tables/{table}/{self._name}.parquet", table, frame.height) as path:
            frame.write_parquet(path, compression="zstd", statistics=True)

    @contextmanager
    def file(self, relative: str) -> Iterator[Path]:
        """Yield a temporary path whose content becomes ``<folder>/<relative>`` (tensors, models)."""
        with self._new_file(relative, None, None) as path:
            yield path

    @contextmanager
    def _new_file(self, relative: str, table: str | None, rows: int | None) -> Iterator[Path]:
        with atomic_path(self._folder / relative) as temporary:
            yield temporary
        self.shards.append(self._sightings.measure(relative, table, rows))
