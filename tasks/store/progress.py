"""A progress bar with an ETA for work that takes more than a few seconds."""

import sys
from collections.abc import Iterable, Iterator
from typing import Self, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
QUIET_SECONDS = 1.0  # shorter work shows nothing
LOG_SECONDS = 15.0  # how often a bar speaks when nobody watches a terminal


class Progress:
    """``with Progress("training", total=100, unit="batch") as bar: bar.advance()``."""

    def __init__(self, label: str, total: int, unit: str = "unit") -> None:
        watched = sys.stderr.isatty()
        self._bar = tqdm(
            total=total,
            desc=f"  {label}",
            unit=f" {unit}",
            file=sys.stderr,
            ascii=not watched,
            delay=QUIET_SECONDS,
            mininterval=0.2 if watched else LOG_SECONDS,
            dynamic_ncols=watched,
            unit_scale=total >= 10_000,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def advance(self, steps: int = 1, **figures: float | str) -> None:
        """Move the bar; ``figures`` (loss=…, pairs=…) stand behind it."""
        if figures:
            self._bar.set_postfix(figures, refresh=False)
        self._bar.update(steps)


def track(items: Iterable[Item], label: str, total: int, unit: str = "unit") -> Iterator[Item]:
    """Iterate with a progress bar."""
    with Progress(label, total, unit) as bar:
        for item in items:
            yield item
            bar.advance()


def notice(line: str) -> None:
    """Say something that a reader should know before the work goes on, below no bar."""
    tqdm.write(f"      {line}", file=sys.stderr)
