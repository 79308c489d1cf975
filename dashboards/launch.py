"""The command that starts the dashboard's server, and whether its address is free."""

import socket
import sys
from pathlib import Path

from warehouse.errors import CannotListen

APP = Path(__file__).parent / "app.py"
LOCAL = "127.0.0.1"
SETTINGS = {
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",  # with it goes a card that offers files for coding agents on every page
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",  # asked of whoever never used Streamlit, it waits for Enter and serves nothing
    "theme.light.primaryColor": "#0072B2",  # no theme.base: the reader's system says whether pages are light or dark
    "theme.dark.primaryColor": "#56B4E9",
    "theme.light.backgroundColor": "#FFFFFF",  # of both, those that the colours of figures were chosen for
    "theme.dark.backgroundColor": "#0E1117",
    "theme.dark.secondaryBackgroundColor": "#262730",
    "theme.font": "sans-serif",
}


def command(home: Path, port: int, headless: bool, host: str = LOCAL) -> list[str]:
    """Words that start Streamlit on the warehouse below ``home``; ``headless`` opens no browser."""
    own = {"server.address": host, "server.port": str(port), "server.headless": str(headless).lower()}
    flags = [word for name, value in {**SETTINGS, **own}.items() for word in (f"--{name}", value)]
    return ["env", f"SCFM_HOME={home}", sys.executable, "-m", "streamlit", "run", str(APP), *flags]


def refuse_address(host: str, port: int) -> None:
    """Raises CannotListen, saying why, if no server can listen there."""
    if not 1 <= port <= 65_535:
        raise CannotListen(f"--port {port}: a port is a number from 1 to 65535, such as 8501")
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Streamlit's server does
            probe.bind(address)
            probe.listen()
    except (OSError, UnicodeError) as error:  # a name that is no name of a machine is a UnicodeError
        reason = getattr(error, "strerror", None) or "no name of a machine"
        raise CannotListen(
            f"cannot listen on {host}, port {port}: {reason}; choose another with --port or --host"
        ) from error


def who_may_read(host: str, port: int) -> str:
    """Where the pages are and who can open them, as a line to print."""
    if host in {LOCAL, "localhost", "::1"}:
        address = f"http://localhost:{port}"
        return f"pages at {address}, listening on {host}: only this machine can open them; --host opens them to others"
    return (
        f"listening on {host}, port {port}: whoever reaches this machine over the network can read the whole "
        "warehouse and label features, without a password"
    )
