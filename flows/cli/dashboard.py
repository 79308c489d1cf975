"""``scfm dashboard``: explore the published snapshot in a browser."""

import argparse
import os

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("dashboard", help="explore the warehouse in a browser")
    command.add_argument("--port", type=int, default=8501, help="port of the pages (default: 8501)")
    command.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default: 127.0.0.1, this machine alone); with 0.0.0.0 whoever reaches this machine "
        "over the network can read the whole warehouse and label features",
    )
    command.add_argument("--headless", action="store_true", help="do not open a browser")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Become the dashboard's server; refuse if nothing is published or the address is taken."""
    from dashboards.launch import command, refuse_address, who_may_read
    from warehouse import open_snapshot

    home = scfm_home().resolve()
    open_snapshot(home).close()
    refuse_address(arguments.host, arguments.port)
    print(who_may_read(arguments.host, arguments.port), flush=True)
    words = command(home, arguments.port, arguments.headless, arguments.host)
    os.execvp(words[0], words)
