"""A step folder of a home in an object store: what is finished is in the store, a working copy on this machine's disk.

Below ``runs/<step>-<key>/`` in the store:

1. ``shards/<path>/<sha256>``, a shard's bytes, written before any line names them. A name belongs to its bytes, so a
   half-done or repeated upload harms nothing, and no machine overwrites what another one wrote.
2. ``state/units/<unit>.json``, one ledger line, written if there is none yet (If-None-Match). Of two machines that do
   the same unit the second is refused. A unit without its line does not exist.
3. ``state/manifest.json``, written last, likewise. What it says is never asked for again.

The folder on the disk holds shards, fetched when they are asked for, and the manifest; it may be lost at any time.
"""

import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from tasks.store.atomic import atomic_path, write_text
from tasks.store.errors import DamagedShard, FolderBusy
from tasks.store.ledger import LedgerLine, SealedLine, Shard
from tasks.store.manifest import MANIFEST, manifest_lines
from tasks.store.objects import Objects

MARK = "object-store"  # in a working home: the URL of the store whose home it copies
FETCHING = threading.Lock()  # two threads may ask for one shard


class SharedLedger:
    """The ledger of one step folder in a store. It is read once, and gains what this process adds.

    Several threads may ask and append.
    """

    spoiled = False  # an object is whole, or not there

    def __init__(self, folder: Path, store: Objects) -> None:
        self._folder, self._store, self._lock = folder, store, threading.Lock()
        self._lines: dict[str, LedgerLine] | None = None
        self._shards: dict[str, Shard] = {}
        self._held: dict[str, int] | None = None  # bytes of every shard in the store, once somebody has asked

    def lines(self) -> dict[str, LedgerLine]:
        """Finished units by name."""
        with self._lock:
            return dict(self._known())

    def shard(self, path: str) -> Shard | None:
        """The shard of that path, None if no unit has it."""
        with self._lock:
            self._known()
            return self._shards.get(path)

    def __contains__(self, unit: str) -> bool:
        with self._lock:
            return unit in self._known()

    def append(self, line: LedgerLine) -> None:
        """Upload a unit's shards, then its line. Raises FolderBusy if another machine has written that unit."""
        for shard in line.shards:
            self._store.upload(self._folder / shard.path, self._shard(shard))
        if not self._store.create(self._unit(line.unit), SealedLine.of(line).text.encode()):
            raise FolderBusy(
                f"another machine is writing {self._name} in {self._store.url}, and was first to finish unit "
                f"{line.unit}: wait for it to end and run again"
            )
        with self._lock:
            self._keep({**self._known(), line.unit: line})

    def replace(self, lines: dict[str, LedgerLine]) -> None:
        """Remove every unit that is not among ``lines``, its line first."""
        gone = [line for name, line in self.lines().items() if name not in lines]
        for line in gone:
            self._store.remove(self._unit(line.unit))
            for shard in line.shards:
                self._store.remove(self._shard(shard))
        with self._lock:
            self._keep(lines)

    def refresh(self) -> None:
        """Ask the store anew, whatever is known here; a manifest here that is not the store's goes."""
        with self._lock:
            self._held, finished = None, self._finished()
            if finished is None:
                (self._folder / MANIFEST).unlink(missing_ok=True)
            self._keep(self._units() if finished is None else finished)

    def finish(self, manifest: str) -> None:
        """Write the manifest. Raises FolderBusy if another machine has finished the folder with other units."""
        if not self._store.create(self._state(MANIFEST), manifest.encode()):
            raise FolderBusy(f"another machine has finished {self._name} in {self._store.url}: run again")

    def unfinish(self) -> None:
        """Remove the manifest."""
        self._store.remove(self._state(MANIFEST))

    def holds(self, shard: Shard) -> bool:
        """Whether the store has the shard, whole."""
        with self._lock:
            if self._held is None:
                self._held = self._store.sizes(f"{self._name}/shards")
            return self._held.get(self._shard(shard)) == shard.bytes

    def fetch(self, shard: Shard, here: Callable[[Shard], bool]) -> None:
        """Bring a shard to this disk, unless it is ``here``. Raises DamagedShard if the store does not have it."""
        with FETCHING:
            if not here(shard):
                self._fetch(shard)

    def _fetch(self, shard: Shard) -> None:
        with atomic_path(self._folder / shard.path) as temporary:
            if not self._store.download(self._shard(shard), temporary):
                raise DamagedShard(
                    f"{self._store.url} lacks {self._shard(shard)}, which the ledger of {self._name} names: "
                    "run the study again, the unit will be made anew"
                )

    def _known(self) -> dict[str, LedgerLine]:
        return self._keep(self._read()) if self._lines is None else self._lines

    def _keep(self, lines: dict[str, LedgerLine]) -> dict[str, LedgerLine]:
        self._lines = dict(lines)
        self._shards = {shard.path: shard for line in lines.values() for shard in line.shards}
        return self._lines

    def _read(self) -> dict[str, LedgerLine]:
        """What the manifest says; of an unfinished folder the lines that are there."""
        if (lines := manifest_lines(self._folder / MANIFEST)) is not None:
            return lines
        return self._units() if (finished := self._finished()) is None else finished

    def _finished(self) -> dict[str, LedgerLine] | None:
        """What the manifest in the store says, which is then here as well; None if there is none."""
        if (found := self._store.read(self._state(MANIFEST))) is None:
            return None
        path, text = self._folder / MANIFEST, found.data.decode()
        if not path.exists() or path.read_text() != text:
            write_text(path, text)
        if (lines := manifest_lines(path)) is None:
            raise self._damaged(self._state(MANIFEST), "manifest")
        return lines

    def _units(self) -> dict[str, LedgerLine]:
        """The lines in the store."""
        read = [self._line(name) for name in sorted(self._store.sizes(self._state("units")))]
        return {line.unit: line for line in read if line is not None}

    def _line(self, name: str) -> LedgerLine | None:
        """A unit's line, None if it was removed meanwhile."""
        found = self._store.read(name)
        try:
            return None if found is None else SealedLine.model_validate_json(found.data).line
        except ValidationError:
            raise self._damaged(name, "ledger line") from None

    def _damaged(self, name: str, what: str) -> DamagedShard:
        return DamagedShard(f"{self._store.url}/{name} is no {what}: remove that object and run again")

    @property
    def _name(self) -> str:
        return f"runs/{self._folder.name}"

    def _state(self, name: str) -> str:
        return f"{self._name}/state/{name}"

    def _unit(self, unit: str) -> str:
        return self._state(f"units/{unit}.json")

    def _shard(self, shard: Shard) -> str:
        return f"{self._name}/shards/{shard.path}/{shard.sha256}"


def shared_ledger(folder: Path) -> SharedLedger | None:
    """The ledger in the store, of a step folder in a working home; None in a home that is a folder of its own."""
    url = store_url(folder.parent.parent) if folder.parent.name == "runs" else None
    return SharedLedger(folder, Objects(url)) if url else None


def store_url(home: Path) -> str | None:
    """The store whose home a working home copies; None for a home that is a folder of its own."""
    mark = home / MARK
    return _read_mark(mark) if mark.exists() else None


@lru_cache(maxsize=8)
def _read_mark(mark: Path) -> str:
    return mark.read_text().strip()
