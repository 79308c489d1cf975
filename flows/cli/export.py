"""``scfm export FILE``: a run's features and edges for other programs, or in a copy of a cell file."""

import argparse
from pathlib import Path

from flows.home import scfm_home
from tasks.store import RequestError


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("export", help="write a run's features and edges for other programs")
    command.add_argument("file", type=Path, nargs="?", help="a file that ends in .h5ad, .graphml or .json (node-link)")
    command.add_argument("--run", help="the run; the newest one made here if not given")
    command.add_argument(
        "--rule",
        choices=("specific", "calibrated", "published"),
        help="the rule that calls edges; specific where it was applied, else calibrated, if not given",
    )
    command.add_argument("--effect", choices=("total", "direct"), default="total")
    command.add_argument(
        "--into", type=Path, metavar="CELLS", help="put features into a copy of this .h5ad file, by cell"
    )
    command.add_argument("--out", type=Path, help="the copy, with --into; the file itself is never changed")
    command.add_argument("--features", nargs="+", default=[], metavar="L2_F17", help="with --into: these, also in obs")
    command.add_argument("--layer", type=int, help="with --into: all living features of this layer, in obsm alone")
    command.add_argument(
        "--embeddings",
        nargs="*",
        metavar="SETTING",
        help="with --into, in place of features: embeddings of the cells before and after features were changed (step "
        "shift), in obsm; of all settings with chosen features if none is named. --layer: where there are several",
    )
    command.add_argument(
        "--summary", choices=("mean", "max"), default="mean", help="with --into: of a cell's positions (genes)"
    )
    command.set_defaults(command=main)


def main(arguments: argparse.Namespace) -> int:
    """Write the file and say what is in it. Raises RequestError for arguments that do not go together."""
    if arguments.into is not None:
        return _into_cells(arguments)
    from warehouse.export import export_run

    if arguments.file is None or arguments.out is not None:
        raise RequestError("export: name one file to write, or give --into CELLS.h5ad --out COPY.h5ad")
    done = export_run(arguments.file, scfm_home(), arguments.run, arguments.rule, arguments.effect)
    print(f"{arguments.file}: {done.n_features:,} features and {done.n_edges:,} edges of run {done.run_id}")
    return 0


def _into_cells(arguments: argparse.Namespace) -> int:
    from tasks.codes.into_cells import write_into
    from warehouse.export.features import features_of_run

    if arguments.out is None or arguments.file is not None:
        raise RequestError("export --into: say where the copy goes, with --out COPY.h5ad")
    if arguments.embeddings is not None:
        return _embeddings_into_cells(arguments)
    done = write_into(
        arguments.into,
        arguments.out,
        features_of_run(scfm_home(), arguments.run),
        arguments.features,
        arguments.layer,
        arguments.summary,
    )
    print(
        f"{arguments.out}: {done.n_features:,} features of run {done.run_id}, {arguments.summary} by cell, in "
        f"{done.n_with:,} of {done.n_cells:,} cells; the others were not used and have NaN"
    )
    return 0


def _embeddings_into_cells(arguments: argparse.Namespace) -> int:
    from tasks.analyses.shift.into_cells import write_embeddings
    from warehouse.export.features import features_of_run

    if arguments.features:
        raise RequestError("export --into: give --features or --embeddings, one copy for each")
    run = features_of_run(scfm_home(), arguments.run)
    done = write_embeddings(arguments.into, arguments.out, run, arguments.embeddings, arguments.layer)
    print(
        f"{arguments.out}: {len(done.names):,} embeddings of run {done.run_id} (X_scfm_clean and others) in "
        f"{done.n_with:,} of {done.n_cells:,} cells; the others were not embedded and have NaN"
    )
    return 0
