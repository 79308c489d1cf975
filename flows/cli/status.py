"""``scfm status``: what has been run, what is running, what is published."""

import argparse
from collections import defaultdict
from pathlib import Path

from flows.home import scfm_home


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("status", help="what has been run, is running, is published")
    command.set_defaults(command=main)


def main(_: argparse.Namespace) -> int:
    """Print one line per step folder, the size of each step, what nothing refers to, and the warehouse."""
    from warehouse.forget import folder_bytes, unreferenced

    home = scfm_home()
    folders = sorted((home / "runs").glob("*-*/"), key=lambda path: path.stat().st_mtime)
    print(f"{home / 'runs'}: {len(folders)} step folders")
    sizes: dict[str, int] = defaultdict(int)
    for folder in folders:
        size = folder_bytes(folder)
        sizes[folder.name.rpartition("-")[0]] += size
        print(f"  {folder.name:<32} {_state(folder)}, {size / 1e6:.1f} MB")
    print("size by step: " + ", ".join(f"{step} {size / 1e6:.1f} MB" for step, size in sizes.items()))
    for folder in unreferenced(home):
        print(f"no published run refers to {folder.name}")
    _print_warehouse(home)
    return 0


def _print_warehouse(home: Path) -> None:
    snapshot = home / "warehouse" / "snapshot.duckdb"
    if not snapshot.exists():
        print(f"{snapshot}: not published yet")
        return
    from warehouse import WarehouseError
    from warehouse.reading import rows_by_step

    print(f"{snapshot}: {snapshot.stat().st_size / 1e6:.0f} MB")
    try:
        found = rows_by_step(home)
    except WarehouseError as error:
        print(f"  {error}")
        return
    print("rows by step: " + ", ".join(f"{step} {rows:,}" for step, rows in found.items()))


def _state(path: Path) -> str:
    from tasks.store import StepFolder

    folder = StepFolder(path)
    units = len(folder.lines)
    if folder.done:
        return f"done, {units} units"
    return f"being written, {units} units so far" if folder.busy else f"unfinished, {units} units so far"
