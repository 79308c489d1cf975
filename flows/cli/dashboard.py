"""``scfm dashboard``: explore the published snapshot in a browser."""

import argparse
import os

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("dashboard", help="explore the warehouse in a browser")
    command.add_argument("--port", type=int, default=8501)
    command.add_argument("--headless", action="store_true", help="do not open a browser")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Become the dashboard's server; refuse if nothing is published."""
    from dashboards.launch import command
    from warehouse import open_snapshot

    home = scfm_home().resolve()
    open_snapshot(home).close()
    words = command(home, arguments.port, arguments.headless)
    os.execvp(words[0], words)
