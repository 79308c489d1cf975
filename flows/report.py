"""What the terminal shows of a run: a line when a step starts, a line with its figures when it ends."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from tasks.step import Step
from tasks.store import Progress, StepFolder

LIFE_S = 60.0
PUBLISHING = "load, check, publish"


@contextmanager
def announce(number: int, in_all: int, title: str, left: str = "") -> Iterator[None]:
    """Say that a step starts, what is left of the run, and how long the step took; in a log, that it is at work."""
    print(f"[{number}/{in_all}] {title}" + (f" ({left})" if left else ""), flush=True)
    started = time.monotonic()
    with _signs_of_life(started):
        yield
    print(f"      done in {time.monotonic() - started:.1f} s", flush=True)


@contextmanager
def _signs_of_life(started: float) -> Iterator[None]:
    """A line a minute while the block runs; none on a terminal, where bars move."""
    over = threading.Event()

    def speak() -> None:
        while not over.wait(LIFE_S):
            print(f"      at work for {(time.monotonic() - started) / 60:.0f} min", flush=True)

    if not sys.stderr.isatty():
        threading.Thread(target=speak, daemon=True).start()
    try:
        yield
    finally:
        over.set()


class StepProgress:
    """A bar for work that reports ``reached(what, done, total)`` and knows its total only then."""

    def __init__(self, label: str, unit: str = "table") -> None:
        self._label, self._unit = label, unit
        self._open = ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def reached(self, what: str, _done: int, total: int) -> None:
        """Move on by one: ``what`` is done."""
        if self._bar is None:
            self._bar = self._open.enter_context(Progress(self._label, total, self._unit))
        self._bar.advance(1, last=what)


def conclude(step: Step, folders: list[Path]) -> None:
    """The figures people look for first, one line per row or folder, and what was left undone and why, said once."""
    notes: dict[str, None] = {}
    for folder in map(StepFolder.open, folders):
        for row in _rows(step, folder):
            print(f"      {figures_line(row)}", flush=True)
        notes |= dict.fromkeys(folder.info.get("notes", []))
    for note in notes:
        print(f"      {note}", flush=True)


def _rows(step: Step, folder: StepFolder) -> list[dict[str, Any]]:
    """Rows of the table that the step names for its figures, else what its manifest says."""
    if step.figures is None:
        return [folder.info]
    frame = folder.read_table(step.figures.table)
    if "library" in frame.columns:
        frame = frame.filter(frame["library"] == "all")
    return frame.select(step.figures.columns).to_dicts()


def figures_line(figures: dict[str, Any]) -> str:
    """``name value`` pairs; an id stands for itself, nested values stay out of sight."""
    shown = [_figure(name, value) for name, value in figures.items() if isinstance(value, int | float | str)]
    return ", ".join(shown)


def _figure(name: str, value: int | float | str) -> str:
    if isinstance(value, str):
        return value
    words = name.removeprefix("n_").replace("_", " ")
    return f"{words} {value:,}" if isinstance(value, int) else f"{words} {value:.3g}"
