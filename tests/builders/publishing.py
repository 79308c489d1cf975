"""Publishing, or restoring, in a process of its own, so that it can be killed."""

import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import warehouse.publish
import warehouse.restore
from flows.cli.main import guarded
from tests.builders.forked import SERVER
from warehouse.audit import audit


@dataclass(frozen=True)
class Publishing:
    """A call of ``publish_run``; of ``restore_warehouse`` if there is no run.

    Of the checks, of which nothing survives a kill, only those of the tables in ``audited`` are run. ``dies_at`` is a
    function, as ``module:name``, at whose call the process sends itself ``by``.
    """

    home: Path
    run: dict[str, Any] | None = None
    folders: tuple[Path, ...] = ()
    audited: tuple[str, ...] = ()
    dies_at: str | None = None
    by: int = signal.SIGKILL

    def start(self) -> BaseProcess:
        """Begin in another process; its exit status is that of the command."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.mark.unlink(missing_ok=True)
        process = SERVER.Process(target=_work, args=(self,))
        process.start()
        return process

    def await_work(self, process: BaseProcess) -> None:
        """Wait until a started process is at its work, and so no longer ends by a signal alone."""
        while process.is_alive() and not self.mark.exists():
            time.sleep(0.001)

    def complete(self) -> int:
        """Run to the end in another process; its exit status, or less than 0 if it was killed."""
        process = self.start()
        process.join()
        return int(process.exitcode or 0)

    @property
    def printed(self) -> str:
        """What all processes of this home printed."""
        return self.log.read_text() if self.log.exists() else ""

    @property
    def mark(self) -> Path:
        """What a process leaves when it is at its work."""
        return self.home.with_name(f"{self.home.name}.begun")

    @property
    def log(self) -> Path:
        """Where they print."""
        return self.home.with_name(f"{self.home.name}.out")


def _work(job: Publishing) -> None:
    sys.stdout = sys.stderr = job.log.open("a", buffering=1)
    warehouse.audit.audit = _audit_of(job.audited)
    if job.dies_at:
        module, name = job.dies_at.split(":")
        setattr(importlib.import_module(module), name, lambda *_, **__: os.kill(os.getpid(), job.by))
    sys.exit(guarded(lambda: _call(job)))


def _call(job: Publishing) -> int:
    job.mark.touch()
    if job.run is None:
        warehouse.restore.restore_warehouse(job.home)
    else:
        warehouse.publish.publish_run(job.home, job.run, list(job.folders))
    return 0


def _audit_of(tables: tuple[str, ...]) -> Callable[..., Any]:
    return lambda path, _, *others: audit(path, tables, *others) if tables else []
