"""``scfm figures [RUN] --out DIR``: every figure of the papers, drawn from a run, as files and as one page."""

import argparse
import logging
from pathlib import Path

from flows.home import scfm_home
from tasks.store import RequestError


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("figures", help="write the figures of the four papers, drawn from a run")
    command.add_argument("run", metavar="RUN", nargs="?", help="id of the run; the newest one made here if not given")
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a new or empty folder for SVG files and figures.html"
    )
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write the folder and say what is in it. Raises RequestError if something is there already."""
    folder: Path = arguments.out
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise RequestError(f"--out {folder}: there is something already; name a folder that is new or empty")
    logging.getLogger("streamlit.runtime.caching.cache_data_api").disabled = True  # it says that no pages are served
    from dashboards.figures.report import PAGE, write_figures
    from tasks.store.progress import track

    done = write_figures(
        folder, scfm_home(), arguments.run, lambda figures, total: track(figures, "drawing", total, "figure")
    )
    print(
        f"{folder}: {done.n_drawn} figures of run {done.run_id} as SVG and in {PAGE}; the run lacks "
        f"{done.n_lacking} others, and the page says which analyses would make them"
    )
    return 0
