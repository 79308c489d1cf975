"""``scfm steps``: what a study can be made of, what each step reads and which tables it fills."""

import argparse
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.step import Reads

WIDTH = 110


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("steps", help="the steps of a study: what they read and which tables they fill")
    command.set_defaults(command=main)


def main(_: argparse.Namespace) -> int:
    """Print the steps in the order in which they run."""
    from tasks.steps import STEPS

    for step in STEPS:
        print(f"{step.name}: {step.title}")
        _line("reads", _listed(step.reads))
        _line("also", _listed(step.reads_others, " of other studies"))
        _line("fills", ", ".join(step.tables))
        _line("ask", step.how)
    return 0


def _listed(reads: "Mapping[str, Reads]", behind: str = "") -> str:
    """Step names, with which of their folders are read where they have one per layer."""
    return ", ".join(f"{name}{behind}{each.words and f' ({each.words})'}" for name, each in reads.items())


def _line(label: str, text: str) -> None:
    if text:
        print(textwrap.fill(text, WIDTH, initial_indent=f"    {label:<7}", subsequent_indent=" " * 11))
