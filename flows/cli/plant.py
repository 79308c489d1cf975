"""``scfm plant``: cell files with a planted truth, made from the bundled sample."""

import argparse
from pathlib import Path


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("plant", help="write cell files whose truth is known: donors, batches, ...")
    command.add_argument("folder", type=Path, metavar="FOLDER", help="where the files go")
    command.add_argument("--seed", type=int, default=0, help="equal seeds give equal files")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write the files and print their paths."""
    from tasks.cells.sample.planted import write_planted

    for path in write_planted(arguments.folder, arguments.seed):
        print(path)
    return 0
