"""``scfm import-atlas PATH|URL``: a published atlas, or deposited results of steering, into the warehouse."""

import argparse
from pathlib import Path

from flows.home import scfm_home
from flows.host import hosted_flow

N_GAPS = 30  # lines that say what was missing


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("import-atlas", help="import a published atlas of features, or deposited steering")
    command.add_argument("source", metavar="PATH|URL", help="folder of the published JSON files, or its URL (an atlas)")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Import; an atlas that is published already only says so."""
    from flows.import_plan import plan_import
    from tasks.atlas.fetch import local_atlas
    from tasks.store import StepFolder
    from warehouse import is_published

    home = scfm_home()
    with local_atlas(arguments.source, home) as files:
        plan = plan_import(files, arguments.source, home)
        print(f"{plan.title}: {len(plan.files)} files\nrun {plan.run_id} in {home}/", flush=True)
        if StepFolder(plan.folder).done and is_published(home, plan.run_id):
            print("everything was done before; nothing to do")
        else:
            _run_flow(files, arguments.source, home)
    _print_summary(home, plan.run_id)
    return 0


def _run_flow(files: Path, source: str, home: Path) -> None:
    with hosted_flow(home):
        from flows.import_published import import_published

    import_published(source, files)


def _print_summary(home: Path, run_id: str) -> None:
    from warehouse import import_summary, snapshot_path

    summary = import_summary(home, run_id)
    print(f"\nimported {sum(summary.rows.values()):,} rows of {len(summary.rows)} tables:")
    print("  " + ", ".join(f"{table} {n:,}" for table, n in summary.rows.items()))
    for file, reason, lost in summary.gaps[:N_GAPS]:
        print(f"  {file}: {reason}; lost: {lost}")
    compared = ", ".join(f"{n} {state}" for state, n in summary.parity.items())
    print(f"published numbers: {compared or 'none are known of this atlas, nothing to compare'}")
    print(f"warehouse: {snapshot_path(home)}")
    print("next:  make dashboard")
