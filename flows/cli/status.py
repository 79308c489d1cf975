"""``scfm status``: what has been run, what is running, what is published."""

import argparse
from pathlib import Path

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("status", help="what has been run, is running, is published")
    command.set_defaults(command=main)


def main(_: argparse.Namespace) -> int:
    """Print one line a step folder and one for the warehouse."""
    home = scfm_home()
    folders = sorted((home / "runs").glob("*-*/"), key=lambda path: path.stat().st_mtime)
    print(f"{home / 'runs'}: {len(folders)} step folders")
    for folder in folders:
        print(f"  {folder.name:<32} {_state(folder)}")
    snapshot = home / "warehouse" / "snapshot.duckdb"
    size = f"{snapshot.stat().st_size / 1e6:.0f} MB" if snapshot.exists() else "not published yet"
    print(f"{snapshot}: {size}")
    _print_holdings(home)
    return 0


def _print_holdings(home: Path) -> None:
    """Sizes by step, and what nothing refers to."""
    from warehouse import holdings

    held = holdings(home)
    if held.steps:
        print(f"  {'step':<20}{'folders':>8}{'MB on disk':>14}{'rows in the warehouse':>24}")
    for step in held.steps:
        print(f"  {step.step:<20}{step.n_folders:>8}{step.n_bytes / 1e6:>14,.1f}{step.n_rows:>24,}")
    for folder in held.loose_folders:
        print(f"in no run's record: {folder.name} (may be deleted unless its study is still to be run)")
    for name in held.loose_steps:
        print(f"of no published run, but in the warehouse: {name} (`scfm restore` leaves it out)")


def _state(path: Path) -> str:
    from tasks.store import StepFolder

    folder = StepFolder(path)
    units = len(folder.lines)
    if folder.done:
        return f"done, {units} units"
    return f"being written, {units} units so far" if folder.busy else f"unfinished, {units} units so far"
