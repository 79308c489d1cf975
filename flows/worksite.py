"""What a worker process must have in common with the process that runs the flow: code, folders, place.

Without it a worker would compute other numbers under the same key, or read another file under the same relative path.
"""

import hashlib
import os
import platform
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tasks.store import ScfmError

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "tasks", "warehouse/contracts")
LIBRARIES = ("numpy", "polars", "scipy", "torch", "transformers")


def _fingerprint() -> str:
    files = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.suffix in (".py", ".toml"))
    found = hashlib.sha256(" ".join([platform.python_version(), *map(version, LIBRARIES)]).encode())
    for path in files:
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()


CODE = _fingerprint()  # when the process starts: files that change later are not what it runs
_at_work: Counter[str] = Counter()  # tasks by the folder that their run was started in
_lock = threading.Lock()


@dataclass(frozen=True)
class Worksite:
    """Where a run was started, where its results go, and what code it runs."""

    place: Path
    results: Path
    code: str = CODE

    @contextmanager
    def entered(self) -> Iterator[None]:
        """In a worker process: stand where the run was started.

        Raises ScfmError if the worker runs other code, does not see the run's folders, or is at work for a run that was
        started elsewhere.
        """
        host = socket.gethostname()
        if self.code != CODE:
            raise ScfmError(
                f"a worker on {host} runs other code or other libraries than this run: install the same versions there "
                "and start the workers anew"
            )
        for folder in (self.place, self.results):
            if not folder.is_dir():
                raise ScfmError(f"a worker on {host} does not see {folder}: put it on storage that all workers share")
        with _lock:
            if Path.cwd() != self.place:
                if _at_work.total():
                    raise ScfmError(
                        f"a worker on {host} is at work for a run that was started in another folder: start workers "
                        "with one thread each, or wait for that run"
                    )
                os.chdir(self.place)
            _at_work[str(self.place)] += 1
        try:
            yield
        finally:
            with _lock:
                _at_work[str(self.place)] -= 1
