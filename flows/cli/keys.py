"""``scfm keys [SECTION]``: every key that a study may set."""

import argparse
import textwrap

WIDTH = 110


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("keys", help="every key of a study, with type, default and meaning")
    command.add_argument("section", nargs="?", help="a section, such as trace; all if not given")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print the keys. Raises RequestError for a section that no study has."""
    from flows.keys import sections, study_keys
    from tasks.store import RequestError

    if arguments.section not in (None, *sections()):
        raise RequestError(f"keys {arguments.section}: no such section; sections are {', '.join(sections())}")
    for key in study_keys():
        if arguments.section in (None, key.section):
            print(f"{key.key} = {key.default or '(must be given)'}  ({key.kind})")
            print(textwrap.fill(key.meaning, WIDTH, initial_indent="    ", subsequent_indent="    "))
    return 0
