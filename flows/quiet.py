"""Prefect as a guest: its own home, no telemetry, nothing on the screen. Set before Prefect is imported."""

import os
import signal
import warnings
from pathlib import Path

TEMPORARY_SERVER = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # the default, 20 s, is short on a busy machine
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",  # its shut-down prints tracebacks below that
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}


def host_flow(home: Path) -> None:
    """Get ready to run a flow in this process, before its module is imported."""
    configure_prefect(home)
    stop_orphans(home)
    warnings.simplefilter("ignore")  # third-party deprecations are for us, in the tests, not for users


def configure_prefect(home: Path) -> None:
    """Set what the user has not set. With ``PREFECT_API_URL`` set, runs appear on that server."""
    if "PREFECT_API_URL" not in os.environ:
        (home / "prefect").mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("PREFECT_HOME", str((home / "prefect").resolve()))
    for name, value in TEMPORARY_SERVER.items():
        os.environ.setdefault(name, value)


def stop_orphans(home: Path) -> None:
    """End temporary servers of this home whose run was killed: nobody will ask them anything again."""
    mark = f"PREFECT_HOME={(home / 'prefect').resolve()}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            orphaned = b"\nPPid:\t1\n" in (process / "status").read_bytes()
            server = b"prefect.server.api.server:create_app" in (process / "cmdline").read_bytes()
            if orphaned and server and mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGTERM)
        except OSError:  # it ended meanwhile, or is another user's
            continue
