"""Where results live: ``SCFM_HOME``, by default ``./scfm-home``."""

import os
from pathlib import Path


def scfm_home() -> Path:
    """The folder that holds the runs and the warehouse."""
    return Path(os.path.expanduser(os.environ.get("SCFM_HOME") or "scfm-home"))
