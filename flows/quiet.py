"""Prefect as a guest: its own home, no telemetry, nothing on the screen. Set before Prefect is imported."""

import os
from pathlib import Path

TEMPORARY_SERVER = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # the default, 20 s, is short on a busy machine
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",  # its shut-down prints tracebacks below that
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}


def configure_prefect(home: Path) -> None:
    """Set what the user has not set. With ``PREFECT_API_URL`` set, runs appear on that server."""
    if "PREFECT_API_URL" not in os.environ:
        os.environ.setdefault("PREFECT_HOME", str((home / "prefect").resolve()))
    for name, value in TEMPORARY_SERVER.items():
        os.environ.setdefault(name, value)
