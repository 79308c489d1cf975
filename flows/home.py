"""Where results live: ``SCFM_HOME``, by default ``./scfm-home``."""

from pathlib import Path

from warehouse.home import resolve_home


def scfm_home() -> Path:
    """The folder that holds the runs and the warehouse. Raises UnusableHome."""
    return resolve_home()
