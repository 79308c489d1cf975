"""``scfm check``: run every quality suite again on the published snapshot."""

import argparse
from pathlib import Path

from flows.home import scfm_home
from flows.report import StepProgress

FAILED = 3


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("check", help="run the quality suites on the published snapshot")
    command.add_argument("--docs", metavar="DIR", type=Path, help="also write Great Expectations' data docs there")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Print failed checks and a count; exit status 3 if any failed."""
    from warehouse import check_snapshot, write_docs

    if arguments.docs is not None:
        with StepProgress("data docs") as bar:
            page = write_docs(arguments.docs, scfm_home(), notify=bar.reached)
        print(f"data docs: {page.resolve()}")
    with StepProgress("check") as bar:
        results = check_snapshot(scfm_home(), notify=bar.reached)
    failed = [result for result in results if not result.success]
    for result in failed:
        print(f"FAILED {result.table_name}: {result.check_name}: {result.meaning} ({result.n_unexpected} rows)")
        print(f"       {result.sample_rows}")
    print(f"{len(results) - len(failed)} of {len(results)} checks passed")
    return FAILED if failed else 0
