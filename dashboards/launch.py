"""The command that starts the dashboard's server."""

import sys
from pathlib import Path

APP = Path(__file__).parent / "app.py"
SETTINGS = {
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "server.fileWatcherType": "none",
    "theme.base": "light",
    "theme.primaryColor": "#0072B2",
    "theme.font": "sans-serif",
}


def command(home: Path, port: int, headless: bool) -> list[str]:
    """Words that start Streamlit on the warehouse below ``home``; ``headless`` opens no browser."""
    settings = {**SETTINGS, "server.port": str(port), "server.headless": str(headless).lower()}
    flags = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return ["env", f"SCFM_HOME={home}", sys.executable, "-m", "streamlit", "run", str(APP), *flags]
