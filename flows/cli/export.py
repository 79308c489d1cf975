"""``scfm export FILE``: a run's features and edges for other programs."""

import argparse
from pathlib import Path

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("export", help="write a run's features and edges for other programs")
    command.add_argument("file", type=Path, help="a file that ends in .h5ad, .graphml or .json (node-link)")
    command.add_argument("--run", help="the run; the newest one made here if not given")
    command.add_argument("--rule", choices=("calibrated", "published"), default="calibrated")
    command.add_argument("--effect", choices=("total", "direct"), default="total")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write the file and say what is in it."""
    from warehouse.export import export_run

    done = export_run(arguments.file, scfm_home(), arguments.run, arguments.rule, arguments.effect)
    print(f"{arguments.file}: {done.n_features:,} features and {done.n_edges:,} edges of run {done.run_id}")
    return 0
