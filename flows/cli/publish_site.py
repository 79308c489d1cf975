"""``scfm publish-site DIR``: a run as a folder of web pages that any server of files shows, without Python."""

import argparse
import shlex
from pathlib import Path

from flows.home import scfm_home
from flows.report import StepProgress


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    text = "write a run as web pages that any server of files shows"
    command = subcommands.add_parser("publish-site", help=text, description=__doc__)
    command.add_argument("folder", metavar="DIR", type=Path, help="a new or empty folder")
    command.add_argument("--run", help="the run; the newest one made here if not given")
    command.add_argument("--replace", action="store_true", help="write anew a site that DIR holds already")
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write the site and say what is in it and how to look at it."""
    from warehouse.export.site import publish_site

    with StepProgress("site", unit="part") as bar:
        done = publish_site(arguments.folder, scfm_home(), arguments.run, replace=arguments.replace, notify=bar.reached)
    print(
        f"{arguments.folder}: {done.n_features:,} features, {done.n_genes:,} genes, {done.n_terms:,} gene sets and "
        f"{done.n_modules:,} modules of run {done.run_id}, {done.n_bytes / 1e6:,.1f} MB in {done.n_files:,} files"
    )
    print(f"next:  python -m http.server --bind 127.0.0.1 --directory {shlex.quote(str(arguments.folder))}")
    return 0
