"""``scfm restore``: rebuild the whole warehouse from the shards of all runs."""

import argparse

from flows.home import scfm_home
from flows.report import StepProgress

FAILED = 3


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("restore", help="rebuild the warehouse from the shards of all runs")
    command.set_defaults(command=main)


def main(_: argparse.Namespace) -> int:
    """Rebuild beside the old warehouse and take its place; exit status 3 if a run failed its checks, as before."""
    from flows.shared_home import changing, fetch_recorded
    from warehouse import RestoreReport, restore_warehouse

    home = scfm_home()

    def restore() -> RestoreReport:
        fetch_recorded(home)
        with StepProgress("restore") as bar:
            return restore_warehouse(home, notify=bar.reached)

    report = changing(home, restore)
    for failure in report.refused:
        print(f"REFUSED {failure}")
    print(f"{len(report.restored)} runs restored in {report.seconds:.1f} s, {len(report.refused)} refused")
    print(f"warehouse: {report.snapshot}")
    return FAILED if report.refused else 0
