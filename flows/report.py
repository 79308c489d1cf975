"""What the terminal shows of a run: a line when a step starts, a line with its figures when it ends."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.plan import STEPS
from tasks.store import StepFolder

TITLES = {
    "cells": "choose and tokenise cells",
    "model": "train or load the model",
    "activations": "extract activations",
    "sae": "train sparse autoencoders",
    "describe": "describe features",
    "trace": "trace causal effects",
    "validate": "hold circuits against known biology",
    "publish": "load, check, publish",
}


@contextmanager
def announce(number: int, step: str) -> Iterator[None]:
    """Say that a step starts and how long it took."""
    print(f"[{number}/{len(STEPS)}] {TITLES[step]}", flush=True)
    started = time.monotonic()
    yield
    print(f"      done in {time.monotonic() - started:.1f} s", flush=True)


def conclude(step: str, folders: list[Path]) -> None:
    """One line a folder with the figures that the step gave its manifest."""
    for folder in folders:
        figures = summary_line(StepFolder.open(folder).info)
        if figures:
            print(f"      {figures}", flush=True)


def summary_line(info: dict[str, Any]) -> str:
    """``name value`` pairs of the figures in ``info``; paths and keys stay out of sight."""
    shown = {name: value for name, value in info.items() if isinstance(value, int | float) or name.endswith("_id")}
    return ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in shown.items())


def _figure(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
