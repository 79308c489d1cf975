"""``scfm sql "SELECT …"``: ask the published snapshot."""

import argparse
import sys

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("sql", help="ask the warehouse")
    command.add_argument("query", help='a query, or "-" to read it from standard input')
    command.add_argument("--format", choices=("table", "csv", "json", "parquet"), default="table")
    command.add_argument("--limit", type=int, default=None, help="most rows to print")
    command.add_argument("--timeout", type=float, default=60.0, help="seconds before the query is stopped")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Run the query under the limits of user SQL and print its result."""
    from warehouse import run_user_sql, write_table

    query = sys.stdin.read() if arguments.query == "-" else arguments.query
    result = run_user_sql(scfm_home(), query, limit=arguments.limit, timeout_s=arguments.timeout)
    write_table(result, arguments.format, sys.stdout.buffer)
    return 0
