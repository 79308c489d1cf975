"""Runs killed with SIGKILL at random moments and run again, against one that nobody disturbs.

Every kill has a run of its own, so that moments are spread over all of it. Level ``step`` kills the trace of one
source layer of a small random study, level ``run`` whole ``scfm run`` processes of the smallest study of the tests,
level ``publish`` the loading and publishing of a second run, without the audit, of which nothing survives a kill.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tasks.store import StepFolder
from tasks.store.ledger import LedgerLine
from tasks.trace.settings import TraceSettings
from tests.benchmarks.machine import machine, machine_line
from tests.builders.disturbed_runs import TraceRun, contents
from tests.builders.publishing import Publishing
from tests.builders.study_shards import make_study
from tests.builders.trace import write_trace_folders
from tests.conftest import MINI_STUDY, ROOT, plain_environment
from warehouse import table_hashes

SETTINGS = TraceSettings(
    source_layers=[1],
    effects=["total", "direct"],
    n_cells=24,
    feature_block=8,
    cell_block=8,
    nonzero_min=6,
    n_controls=6,
    n_flips=500,
)


@dataclass(frozen=True)
class Subject:
    """What is killed: where it starts, what it leaves. ``path`` is the folder of a step, or a home of several."""

    path: Path
    start: Callable[[], Any]
    result: Callable[[], dict[str, str]]
    begun: Callable[[], int | None]  # units begun, None if nobody counts
    before: dict[str, str] | None = None  # what readers see at first, None if there is nothing to read

    def lines(self) -> dict[tuple[str, str], LedgerLine]:
        """Ledger lines of all its step folders."""
        folders = sorted(path.parent for path in self.path.rglob("ledger.jsonl"))
        return {(folder.name, name): line for folder in folders for name, line in StepFolder(folder).lines.items()}


def step_subject(run: TraceRun) -> Subject:
    """The trace of one layer."""
    return Subject(run.folder, run.start, lambda: contents(run.folder), lambda: len(run.begun))


def command_subject(home: Path) -> Subject:
    """``scfm run``; its result are the published tables and every file of every step."""

    def start() -> Any:
        return Command(home)

    def result() -> dict[str, str]:
        files = {
            f"{folder.name}/{path}": sha for folder in home.glob("runs/*/") for path, sha in contents(folder).items()
        }
        return table_hashes(home) | files

    return Subject(home, start, result, lambda: None)


def publish_subject(first: Publishing, second: Publishing) -> Subject:
    """A second run joins a published first one, whose snapshot can be read at every moment."""
    if first.complete() != 0:
        raise RuntimeError(f"the first run could not be published: {first.printed}")
    home = first.home
    return Subject(home, second.start, lambda: table_hashes(home), lambda: None, before=table_hashes(home))


class Command(subprocess.Popen[bytes]):
    """``scfm run`` of the mini study, as a process that is joined like the others."""

    def __init__(self, home: Path) -> None:
        words = [str(Path(sys.executable).parent / "scfm"), "run", str(MINI_STUDY)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        super().__init__(words, cwd=ROOT, env=plain_environment() | {"SCFM_HOME": str(home)}, **quiet)

    def join(self) -> None:
        self.wait()

    @property
    def exitcode(self) -> int | None:
        return self.poll()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--times", type=int, default=30, help="kills")
    parser.add_argument("--level", choices=["step", "run", "publish"], default="step")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        make = _subjects(arguments.level, Path(folder))
        complete(make("first"))  # imports and caches
        whole = make("whole")
        seconds = complete(whole)
        chance, rows = random.Random(arguments.seed), []
        for number in range(arguments.times):
            moment = seconds * (number + chance.random()) / arguments.times
            subject = make(f"killed-{number}")
            rows.append(killed_once(subject, whole, moment))
            shutil.rmtree(subject.path)
        about = {"level": arguments.level, "units": len(whole.lines()), "files": len(whole.result())}
        return {"machine": machine(), **about, "undisturbed_seconds": seconds, "kills": rows}


def killed_once(subject: Subject, whole: Subject, moment: float) -> dict[str, Any]:
    """Start, kill after ``moment`` seconds, run again to the end, compare."""
    process = subject.start()
    time.sleep(moment)
    process.kill()
    process.join()
    hit, kept, begun = process.exitcode != 0, subject.lines(), subject.begun()
    sound = subject.before is None or subject.result() in (subject.before, whole.result())
    seconds = complete(subject)
    after, total = subject.lines(), subject.begun()
    return {
        "moment": moment,
        "hit": hit,
        "readable": sound,
        "inside_a_unit": None if begun is None else begun > len(kept),
        "units_kept": len(kept),
        "units_lost": sum(after.get(name) != line for name, line in kept.items()),
        "units_begun_twice": None if total is None else total - len(whole.lines()),
        "identical": subject.result() == whole.result() and set(after) == set(whole.lines()),
        "seconds_to_finish": seconds,
    }


def complete(subject: Subject) -> float:
    """Run to the end; seconds."""
    start = time.perf_counter()
    process = subject.start()
    process.join()
    if process.exitcode != 0:
        raise RuntimeError(f"an undisturbed run of {subject.path} ended with exit status {process.exitcode}")
    return time.perf_counter() - start


def _subjects(level: str, root: Path) -> Callable[[str], Subject]:
    if level == "run":
        return lambda name: command_subject(root / name)
    if level == "publish":
        return _publishings(root)
    lengths = [14 + (7 * number) % 23 for number in range(SETTINGS.n_cells)]
    inputs = write_trace_folders(root / "study", lengths=lengths, n_features=48)
    run = TraceRun(SETTINGS, 1, inputs, root)
    return lambda name: step_subject(replace(run, folder=root / name / "trace-1"))


def _publishings(root: Path) -> Callable[[str], Subject]:
    first, second = (make_study(root / "runs", seed, n_features=24, layers=(0, 1)) for seed in (0, 1))

    def make(name: str) -> Subject:
        one, two = (Publishing(root / name, run, tuple(folders)) for run, folders in (first, second))
        return publish_subject(one, two)

    return make


def table(figures: dict[str, Any]) -> str:
    kills = figures["kills"]
    twice = [row["units_begun_twice"] for row in kills if row["units_begun_twice"] is not None]
    return "\n".join(
        [
            machine_line(figures),
            f"undisturbed: {figures['units']} units, {figures['files']} files, {figures['undisturbed_seconds']:.2f} s",
            f"killed {len(kills)} times, {sum(row['hit'] for row in kills)} of them before the end, "
            f"{sum(bool(row['inside_a_unit']) for row in kills)} known to be inside a unit",
            f"what was published could be read, whole: {sum(row['readable'] for row in kills)} of {len(kills)}",
            f"identical after a rerun: {sum(row['identical'] for row in kills)} of {len(kills)}",
            f"finished units lost: {sum(row['units_lost'] for row in kills)}; "
            f"most units begun twice after a kill: {max(twice, default='not counted')}",
            f"seconds to finish after a kill: at most {max(row['seconds_to_finish'] for row in kills):.2f}",
        ]
    )
