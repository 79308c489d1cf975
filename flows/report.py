"""What the terminal shows of a run: a line when a step starts, a line with its figures when it ends."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from flows.plan import STEPS
from tasks.store import Progress, StepFolder

TITLES = {
    "cells": "choose and tokenise cells",
    "model": "train or load the model",
    "activations": "extract activations",
    "sae": "train sparse autoencoders",
    "compare": "train other autoencoders to compare with",
    "describe": "describe features",
    "trace": "trace causal effects",
    "combine": "change several features at once",
    "validate": "hold circuits against known biology",
    "publish": "load, check, publish",
    "atlas": "read the published files",
}
FIGURES = {
    "model": ("model", ["model_id", "n_parameters", "heldout_loss", "baseline_loss", "heldout_top1", "baseline_top1"]),
    "sae": ("sae", ["sae_id", "fvu", "l0", "n_dead", "loss_recovered"]),
    "compare": ("sae", ["sae_id", "fvu", "l0", "n_dead", "loss_recovered"]),
    "describe": ("annotation_summary", ["sae_id", "n_features", "annotated_fraction", "null_mean"]),
    "validate": ("validation", ["check_name", "reference", "statistic", "observed", "null_mean", "p"]),
}


@contextmanager
def announce(number: int, step: str, steps: Sequence[str] = STEPS) -> Iterator[None]:
    """Say that a step, one of ``steps``, starts and how long it took."""
    print(f"[{number}/{len(steps)}] {TITLES[step]}", flush=True)
    started = time.monotonic()
    yield
    print(f"      done in {time.monotonic() - started:.1f} s", flush=True)


class StepProgress:
    """A bar for work that reports ``reached(what, done, total)`` and knows its total only then."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._open = ExitStack()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def reached(self, what: str, _done: int, total: int) -> None:
        """Move on by one: ``what`` is done."""
        if self._bar is None:
            self._bar = self._open.enter_context(Progress(self._label, total, "table"))
        self._bar.advance(1, last=what)


def conclude(step: str, folders: list[Path]) -> None:
    """The figures people look for first, a line a row or a folder."""
    if not folders:
        print(f"      nothing to do: the study has no sets under [{step}]", flush=True)
    for folder in map(StepFolder.open, folders):
        for row in _rows(step, folder):
            print(f"      {figures_line(row)}", flush=True)


def _rows(step: str, folder: StepFolder) -> list[dict[str, Any]]:
    """Rows of the step's own table where FIGURES names one, else what its manifest says."""
    if step not in FIGURES:
        return [folder.info]
    table, columns = FIGURES[step]
    frame = folder.read_table(table)
    if "library" in frame.columns:
        frame = frame.filter(frame["library"] == "all")
    return frame.select(columns).to_dicts()


def figures_line(figures: dict[str, Any]) -> str:
    """``name value`` pairs; an id stands for itself, nested values stay out of sight."""
    shown = [_figure(name, value) for name, value in figures.items() if isinstance(value, int | float | str)]
    return ", ".join(shown)


def _figure(name: str, value: int | float | str) -> str:
    if isinstance(value, str):
        return value
    words = name.removeprefix("n_").replace("_", " ")
    return f"{words} {value:,}" if isinstance(value, int) else f"{words} {value:.3g}"
