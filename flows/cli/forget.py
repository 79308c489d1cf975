"""``scfm forget RUN``: remove a run, and what only it used, from the warehouse and from the disk."""

import argparse

from flows.home import scfm_home
from flows.report import StepProgress


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("forget", help="remove a run and what only it used")
    command.add_argument("run", help="id of the run, as `scfm status` lists it")
    command.add_argument("--yes", action="store_true", help="do it; without this, only say what would go")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Say what goes and what stays; with ``--yes`` remove it."""
    from warehouse.forget import forget_run, plan_forgetting

    home = scfm_home()
    going = plan_forgetting(home, arguments.run)
    print(f"run {going.run_id} of study {going.study}: {len(going.folders)} step folders, {going.n_bytes / 1e6:.1f} MB")
    for folder in going.folders:
        print(f"  {folder.name}")
    if going.shared:
        print(f"other runs use {len(going.shared)} more of its step folders, which stay")
    if not arguments.yes:
        print(f"nothing was removed: scfm forget {going.run_id} --yes removes them and the run's rows")
        return 0
    with StepProgress("forget") as bar:
        forget_run(home, going.run_id, notify=bar.reached)
    print("removed, from the warehouse and from the disk")
    return 0
