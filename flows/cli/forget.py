"""``scfm forget``: remove a run and what only it used, from the warehouse and from the disk."""

import argparse

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("forget", help="remove a run and what only it used")
    command.add_argument("run", metavar="RUN", help="id of the run, as `scfm status` lists it")
    command.add_argument("--yes", action="store_true", help="do it; without, only say what would go")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Say what goes and what stays; with ``--yes``, remove it."""
    from flows.shared_home import changing, remove_forgotten
    from warehouse import forget_run, what_goes

    home, run = scfm_home(), arguments.run
    going = changing(home, lambda: forget_run(home, run)) if arguments.yes else what_goes(home, run)
    if arguments.yes:
        remove_forgotten(home, run, [folder.name for folder in going.folders])
    done = "removed" if arguments.yes else "would go"
    size = sum(going.folders.values()) / 1e6
    print(f"run {going.run_id} of study {going.study}")
    print(f"{done}: {sum(going.rows.values()):,} rows of {len(going.rows)} steps in the warehouse")
    print(f"{done}: {len(going.folders)} step folders, {size:,.1f} MB on disk")
    for folder, n_bytes in going.folders.items():
        print(f"  {folder.name:<32} {n_bytes / 1e6:10,.1f} MB")
    if going.shared:
        print(f"stays, since other runs use it: {', '.join(going.shared)}")
    if not arguments.yes:
        print(f"nothing was removed yet: scfm forget {going.run_id} --yes")
    return 0
