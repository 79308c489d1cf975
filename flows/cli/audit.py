"""``scfm audit [RUN]``: what can be claimed of a run, question by question, and what to run next."""

import argparse
import sys
import textwrap
from collections import Counter
from itertools import groupby
from typing import Any

from flows.home import scfm_home

WIDTH = 110
INDENT = " " * 6


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("audit", help="say what can be claimed of a run, and what to run next")
    command.add_argument("run", metavar="RUN", nargs="?", help="id of the run; the newest one made here if not given")
    command.add_argument("--format", choices=("text", "table", "csv", "json", "parquet"), default="text")
    command.add_argument("--numbers", action="store_true", help="print the numbers behind the answers, part by part")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print one answer per question; exit status 0 whatever the answers are."""
    from warehouse import audit_run, write_table

    found = audit_run(scfm_home(), arguments.run)
    if arguments.format == "text" and not arguments.numbers:
        _print_answers(found.run_id, found.verdicts.to_pylist())
    else:
        fmt = "table" if arguments.format == "text" else arguments.format
        write_table(found.gates if arguments.numbers else found.verdicts, fmt, sys.stdout.buffer)
    return 0


def _print_answers(run_id: str, rows: list[dict[str, Any]]) -> None:
    """Answers by kind, then how many of each there are."""
    print(f"What can be claimed of run {run_id}")
    for kind, asked in groupby(rows, key=lambda row: row["kind"]):
        print(f"\n{kind}")
        for row in asked:
            print(f"  {row['verdict'].upper():<15} {row['question']} [{row['item']}]")
            _paragraph(row["because"])
            _paragraph(row["next"] and f"Next: {row['next']}")
    counts = Counter(row["verdict"] for row in rows)
    print(f"\n{', '.join(f'{n} {verdict}' for verdict, n in counts.most_common())}")
    print(
        "Numbers: scfm audit --numbers. Not supported means that the evidence does not carry the claim, not that it is "
        "false."
    )


def _paragraph(text: str | None) -> None:
    if text:
        print(textwrap.fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT))
