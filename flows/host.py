"""Prefect as a guest: its own home, no telemetry, nothing on the screen, nothing of what lies about."""

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from flows.server import await_users_server, forget_surroundings, quiet_settings, start_server


@contextlib.contextmanager
def hosted_flow(home: Path) -> Iterator[None]:
    """``with hosted_flow(home): from flows.run import run``: import a flow; when the block ends, it can be run.

    With ``PREFECT_API_URL`` in the environment, runs appear on that server. Else a temporary one starts meanwhile.
    Raises RequestError or ScfmError if there is no server.
    """
    warnings.simplefilter("ignore")  # third-party deprecations are for us, in the tests, not for users
    quiet_settings()
    if url := os.environ.get("PREFECT_API_URL"):
        await_users_server(url)
        yield
        return
    server = start_server(home)
    forget_surroundings(server)
    with contextlib.chdir(server.folder):  # Prefect reads .env, prefect.toml and pyproject.toml of the folder it is in
        import prefect.main  # noqa: F401 - when it is imported, and never again
    yield
    server.await_answer()
