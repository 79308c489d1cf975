"""Where the warehouse keeps its files: ``$SCFM_HOME/warehouse``.

A home in an object store (``s3://bucket/prefix``) has a working copy on this machine, which is the home for everything
here. ``flows.shared_home`` keeps the two alike.
"""

import hashlib
import os
import tempfile
from pathlib import Path

from warehouse.errors import NoWarehouse, UnusableHome

DEFAULT = "scfm-home"
SCRATCH = "~/.cache/scfm"  # where working copies are, unless SCFM_SCRATCH names another folder


def resolve_home(home: Path | None = None) -> Path:
    """``home``, or else ``$SCFM_HOME``, or else ``./scfm-home``; of one in a store the working copy."""
    url = home_url()
    if home is None and url is not None:
        return usable(working_home(url))
    return usable(home or Path(os.path.expanduser(os.environ.get("SCFM_HOME") or DEFAULT)))


def home_url() -> str | None:
    """The URL that ``$SCFM_HOME`` is, None if it is a path."""
    named = os.environ.get("SCFM_HOME", "")
    return named.rstrip("/") if "://" in named else None


def working_home(url: str) -> Path:
    """The folder of this machine in which the home at ``url`` is worked on. It may be deleted while nothing runs."""
    scratch = Path(os.path.expanduser(os.environ.get("SCFM_SCRATCH") or SCRATCH)).absolute()
    return scratch / f"home-{hashlib.sha256(url.encode()).hexdigest()[:16]}"


def usable(home: Path) -> Path:
    """The home itself.

    Raises UnusableHome if it has a question mark in its path, which DuckDB cannot write to, and no second name can be
    had where temporary files are kept.
    """
    if "?" in str(home.absolute()):
        there = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
        scratch = Path(tempfile.gettempdir())
        if "?" in str(scratch) or scratch.stat().st_dev != there.stat().st_dev:
            raise UnusableHome(
                f"{home.absolute()} has a question mark in its path, which DuckDB cannot write to: name another home, "
                "or set TMPDIR to a folder of the same disk without one"
            )
    return home


def warehouse_folder(home: Path) -> Path:
    """The folder, made if missing."""
    folder = home / "warehouse"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def snapshot_path(home: Path | None = None) -> Path:
    """The published file, replaced as a whole, that every reader opens."""
    return resolve_home(home) / "warehouse" / "snapshot.duckdb"


def staging_path(home: Path) -> Path:
    """The next snapshot while it is being made; only the process that holds the writer's lock knows it."""
    return home / "warehouse" / "staging.duckdb"


def runs_folder(home: Path) -> Path:
    """Where the step folders and the run records are."""
    return home / "runs"


def restoring_home(home: Path) -> Path:
    """A home inside the warehouse folder, in which a new warehouse is built beside the old."""
    return home / "warehouse" / "restoring"


def existing_snapshot(home: Path | None = None) -> Path:
    """The published file. Raises NoWarehouse if nothing has been published."""
    path = snapshot_path(home)
    if not path.exists():
        raise NoWarehouse(f"no warehouse at {path}: run `make demo`, or `scfm run STUDY.toml`, or set SCFM_HOME")
    return path
