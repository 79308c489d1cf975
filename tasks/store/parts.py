"""Parts of a step folder: units that several processes make at once, each in a folder of its own.

1. A part is a step folder with its own lock and its own ledger, so no ledger ever has two writers.
2. The step folder takes in what parts have finished: the files of a unit are renamed, then its line is appended. A
   process that is killed in between loses that unit, which is made anew.
3. What parts have left is taken in before anything is divided again, so a run may go on with another number of parts.
"""

import contextlib
import shutil
from pathlib import Path

from tasks.store.folder import StepFolder


def part_folder(whole: Path, part: int) -> Path:
    """Where part ``part``, counted from 0, of the step folder ``whole`` is made."""
    return _parts(whole) / f"{part:04d}"


def take_in(out: StepFolder) -> None:
    """Move every unit that parts have finished into their step folder, which the caller holds, and remove the parts.

    Raises FolderBusy if a process is still at work on one.
    """
    folder = _parts(out.path)
    for path in sorted(folder.glob("*")):
        with StepFolder.create(path) as part:
            for name in part.lines:
                if not out.has(name):
                    out.take(part, name)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # parts of other folders lie beside them, or there never were any
        folder.parent.rmdir()


def _parts(whole: Path) -> Path:
    return whole.parent / "parts" / whole.name
