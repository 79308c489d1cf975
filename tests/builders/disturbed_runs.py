"""The trace step in a process of its own, so that it can be killed, and what it leaves on the disk."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from tqdm import tqdm

from flows.cli.main import INTERRUPTED, explain
from tasks.store import StepFolder, Unit, sha256_file
from tasks.store.folder import LEDGER
from tasks.store.lock import LOCK
from tasks.store.manifest import MANIFEST
from tasks.trace.settings import TraceSettings
from tests.builders.forked import SERVER
from tests.builders.steps import do_step
from tests.builders.trace import TraceFolders


@dataclass(frozen=True)
class TraceRun:
    """One run of step ``trace`` on the CPU; what it prints and which units it begins is logged beside the folder."""

    settings: TraceSettings
    layer: int
    inputs: TraceFolders
    folder: Path

    def start(self) -> BaseProcess:
        """Begin in another process; its exit status is that of the command."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        process = SERVER.Process(target=_work, args=(self,))
        process.start()
        return process

    def start_until(self, n_begun: int) -> BaseProcess:
        """Begin in another process, and wait until so many units were begun or it has ended."""
        process = self.start()
        while len(self.begun) < n_begun and process.is_alive():
            time.sleep(0.001)
        return process

    def complete(self) -> int:
        """Run to the end in another process; its exit status."""
        process = self.start()
        process.join()
        return int(process.exitcode or 0)

    def call(self) -> None:
        """Trace in this process."""
        given = self.inputs
        with _logged(self._beside("begun")):
            do_step("trace", self.settings, self.folder, layer=self.layer, **given.reads)

    @property
    def begun(self) -> list[str]:
        """Units begun so far, in order, by all processes of this folder."""
        log = self._beside("begun")
        return log.read_text().split() if log.exists() else []

    @property
    def printed(self) -> str:
        """What the processes of this folder printed."""
        return self._beside("out").read_text()

    def _beside(self, name: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}.{name}")


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a step folder by path, but for those that tell times."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in (LEDGER, LOCK, MANIFEST))
    return {str(path.relative_to(folder)): sha256_file(path) for path in files}


def _work(run: TraceRun) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the command does
    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system, which a killed process leaves behind
    sys.stdout = sys.stderr = run._beside("out").open("a", buffering=1)
    try:
        run.call()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        sys.exit(explain(error))


@contextmanager
def _logged(log: Path) -> Iterator[None]:
    unit = StepFolder.unit

    @contextmanager
    def logging(folder: StepFolder, name: str) -> Iterator[Unit]:
        with log.open("a") as handle:
            handle.write(f"{name}\n")
        with unit(folder, name) as opened:
            yield opened

    with patch.object(StepFolder, "unit", logging):
        yield
