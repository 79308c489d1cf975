"""Whether an estimate of disk fits the machine, asked before the work starts."""

import shutil
from pathlib import Path

from tasks.store.errors import OutOfSpace


def require_disk(needed: int, folder: Path, work: str, remedy: str) -> None:
    """Raise OutOfSpace, with the remedy, if ``work`` needs more bytes than the disk of ``folder`` has free."""
    free = shutil.disk_usage(_existing(folder)).free
    if needed > free:
        raise OutOfSpace(
            f"{work} need about {gigabytes(needed)} of disk, {folder} has {gigabytes(free)} free: {remedy}"
        )


def gigabytes(size: int) -> str:
    """Bytes in words."""
    return f"{size / 1e9:.2f} GB"


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
