"""Where a site may be written: it appears whole, in place of an older one or of nothing."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import OutOfSpace, UnknownName
from warehouse.files import explained, fsync_path
from warehouse.scratch import remove_abandoned, scratch_path

APP = Path(__file__).parent / "app"
MARK = "scfm-site.txt"
DATA = "data"
SAID = "Written by `scfm publish-site`, which replaces this folder as a whole if it is asked to.\n"


@contextmanager
def new_site(folder: Path, replace: bool) -> Iterator[Path]:
    """A folder to fill, with the pages in it; in the end it takes the place of ``folder``.

    Raises UnknownName where there is something that is no site, or one and ``replace`` is not said; OutOfSpace.
    """
    folder = folder.resolve()
    refuse(folder, replace)
    with explained(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder.parent)
        begun = scratch_path(folder.parent, "site")
        try:
            shutil.copytree(APP, begun)
            (begun / MARK).write_text(SAID)
            yield begun
            _swap(begun, folder)
        finally:
            shutil.rmtree(begun, ignore_errors=True)


def refuse(folder: Path, replace: bool) -> None:
    """Raise UnknownName unless ``folder`` is new, empty, or a site that may be replaced."""
    if folder.exists() and not folder.is_dir():
        raise UnknownName(f"{folder} is a file: name a new or empty folder")
    found = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not found:
        return
    if MARK not in found:
        raise UnknownName(f"{folder} holds something else: name a new or empty folder")
    if others := found - {MARK, DATA, *(path.name for path in APP.iterdir())}:
        raise UnknownName(f"{folder} holds {min(others)} beside a site: move it away, or name another folder")
    if not replace:
        raise UnknownName(f"{folder} holds a site already: add --replace to write it anew, or name another folder")


def require_room(folder: Path, needed: int) -> None:
    """Raise OutOfSpace if the disk of ``folder`` has less than ``needed`` bytes left."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutOfSpace(
            f"{folder.parent}: the site takes about {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are left: free "
            "some space, or name a folder on another disk"
        )


def size_of(folder: Path) -> tuple[int, int]:
    """Number of files in a folder, and their bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def _swap(begun: Path, folder: Path) -> None:
    """Put the new folder where the old one is; between the two renames there is none, for an instant."""
    before = scratch_path(folder.parent, "site")
    if folder.exists():
        os.rename(folder, before)
    try:
        os.rename(begun, folder)
    except OSError:
        if before.exists():
            os.rename(before, folder)
        raise
    fsync_path(folder.parent)
    shutil.rmtree(before, ignore_errors=True)
