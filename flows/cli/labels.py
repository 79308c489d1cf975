"""``scfm labels export FILE`` and ``scfm labels import FILE``: people's labels and lists of features."""

import argparse
from pathlib import Path

from flows.home import scfm_home
from tasks.store import RequestError


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("labels", help="write or read people's labels and lists of features")
    command.add_argument("action", choices=("export", "import"))
    command.add_argument("file", type=Path, help="a file that ends in .csv or .json; both have the same columns")
    command.add_argument("--author", help="who says what a file leaves unsigned; you, if not given")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write all that stands, or let all rows of a file stand. Raises UnusableLabels; RequestError without a file."""
    from warehouse import export_labels, import_labels
    from warehouse.labels.entry import this_person
    from warehouse.labels.files import MOST_BYTES

    path: Path = arguments.file
    if arguments.action == "export":
        print(f"{path}: {export_labels(path, scfm_home()):,} labels and members of lists")
        return 0
    try:
        with path.open("rb") as handle:
            data = handle.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"labels import: cannot read {path}: {error.strerror}") from error
    done = import_labels(str(path), data, scfm_home(), arguments.author or this_person())
    print(f"{path}: {done.n_new:,} rows taken, {done.n_same:,} said already")
    return 0
