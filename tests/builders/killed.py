"""A step that ends between two of its units, as ``kill -9`` would end it, and what its folder then holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tasks.store import StepFolder


class Killed(BaseException):
    """No handler of errors stops it."""


@contextmanager
def ended_after(n_units: int) -> Iterator[None]:
    """Inside, the unit after the n-th raises Killed instead of beginning."""
    begun: list[str] = []
    unit = StepFolder.unit

    def counting(folder: StepFolder, name: str) -> Any:
        if len(begun) >= n_units:
            raise Killed
        begun.append(name)
        return unit(folder, name)

    with patch.object(StepFolder, "unit", counting):
        yield


def shard_hashes(folder: Path) -> dict[str, str]:
    """The hash of every shard in the folder's ledger, by path."""
    return {shard.path: shard.sha256 for line in StepFolder(folder).lines.values() for shard in line.shards}
