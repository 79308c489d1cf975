"""Where results live: ``SCFM_HOME``, by default ``./scfm-home``."""

import os
from functools import lru_cache
from pathlib import Path

from warehouse.home import home_url, resolve_home


def scfm_home() -> Path:
    """The folder that holds the runs and the warehouse.

    Of a home in an object store it is this machine's working copy, brought up to date once per process.
    Raises UnusableHome; RequestError and StoreTrouble for a store that cannot be used.
    """
    home, url = resolve_home(), home_url()
    if url is not None:
        _bring_up_to_date(url, home, os.getpid())
    return home


@lru_cache(maxsize=8)
def _bring_up_to_date(url: str, home: Path, _process: int) -> None:
    from flows.shared_home import open_shared

    open_shared(url, home)
