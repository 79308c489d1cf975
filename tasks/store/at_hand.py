"""Have shards on this machine's disk before something reads them that does not ask a step folder for each."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tasks.store.folder import StepFolder
from tasks.store.ledger import Shard
from tasks.store.shared import shared_ledger


def at_hand(path: Path) -> Path:
    """The same path: of a step folder, or of something in one, of which all shards are here now.

    Only in a home in an object store there is anything to do. Raises DamagedShard for a shard that it lacks.
    """
    for folder in (path, *path.parents):
        if shared_ledger(folder) is not None:
            fetch(folder, partial(_is_below, path, folder))
    return path


def fetch(folder: Path, wanted: Callable[[Shard], bool]) -> None:
    """Have the wanted shards of a step folder here. Raises DamagedShard for one that is not as its line says."""
    step = StepFolder(folder)
    for line in step.lines.values():
        for shard in filter(wanted, line.shards):
            step.file(shard.path)


def _is_below(path: Path, folder: Path, shard: Shard) -> bool:
    return (folder / shard.path).is_relative_to(path)
