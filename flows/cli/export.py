"""``scfm export FILE``: a run's features, edges or scores for other programs, or features in a copy of a cell file."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.home import scfm_home
from tasks.store import RequestError

if TYPE_CHECKING:
    from warehouse.neighbourhood import Part

FILE_HELP = (
    "a file that ends in .h5ad, .graphml or .json, or in .csv for scores of labels, families of genes and expression, "
    "a row a feature"
)


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    command = subcommands.add_parser("export", help="write a run's features, edges or scores for other programs")
    command.add_argument("file", type=Path, nargs="?", help=FILE_HELP)
    command.add_argument("--run", help="the run; the newest one made here if not given")
    command.add_argument(
        "--rule",
        choices=("specific", "calibrated", "published"),
        help="the rule that calls edges; specific where it was applied, else calibrated, if not given",
    )
    command.add_argument("--effect", choices=("total", "direct"), default="total")
    _add_graph_arguments(command)
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


def _add_graph_arguments(command: argparse.ArgumentParser) -> None:
    """Arguments that choose a part of the graph, as the tab Graph of the page Circuits does, and how it is laid out."""
    of_graph = command.add_argument_group("a part of the graph, in .graphml or .json")
    of_graph.add_argument("--around", nargs="+", default=[], metavar="L2_F17", help="features that it grows from")
    of_graph.add_argument("--hops", type=int, choices=range(1, 5), default=1, help="edges from these; default 1")
    way = "both ways (default), down: what they act on, up: what acts on them"
    of_graph.add_argument("--way", choices=("both", "down", "up"), default="both", help=way)
    of_graph.add_argument(
        "--per-feature", type=int, default=8, help="strongest edges of a feature to follow; default 8"
    )
    of_graph.add_argument("--least", type=float, default=0.0, help="smallest |g|; default 0")
    share = "super-nodes of the features of a layer that share it"
    of_graph.add_argument("--group", choices=("module", "cell type", "label"), help=share)
    of_graph.add_argument(
        "--json",
        choices=("node-link", "circuit-tracer"),
        default="node-link",
        help="layout of .json: node-link (default), as networkx and d3 read it, or that of circuit-tracer's viewer",
    )


def main(arguments: argparse.Namespace) -> int:
    """Write the file and say what is in it. Raises RequestError for arguments that do not go together."""
    if arguments.into is not None:
        return _into_cells(arguments)
    from warehouse.export import SCORES, export_run, export_scores

    if arguments.file is None or arguments.out is not None:
        raise RequestError("export: name one file to write, or give --into CELLS.h5ad --out COPY.h5ad")
    if arguments.file.suffix == SCORES:
        scores = export_scores(arguments.file, scfm_home(), arguments.run)
        print(f"{arguments.file}: {scores.n_columns:,} scores of {scores.n_features:,} features of run {scores.run_id}")
        return 0
    chosen = (arguments.file, scfm_home(), arguments.run, arguments.rule, arguments.effect)
    done = export_run(*chosen, part=_part(arguments), layout=arguments.json)
    print(f"{arguments.file}: {done.n_features:,} features and {done.n_edges:,} edges of run {done.run_id}")
    if done.left_out:
        print(done.left_out)
    return 0


def _part(arguments: argparse.Namespace) -> "Part | None":
    """The part of the graph that is asked for; None for all of it. Raises RequestError, UnknownName."""
    from warehouse.export import features_named
    from warehouse.neighbourhood import MOST_FEATURES, Around, Part

    if len(arguments.around) > MOST_FEATURES:
        raise RequestError(f"export: --around takes {MOST_FEATURES} features at most")
    if not arguments.around:
        if arguments.group is not None:
            raise RequestError(
                "export: --group gathers features of a part of the graph: say which, with --around L2_F17"
            )
        return None
    if arguments.per_feature < 1:
        raise RequestError("export: --per-feature is at least 1")
    pinned = features_named(scfm_home(), arguments.run, arguments.around)
    ways = {"hops": arguments.hops, "way": arguments.way, "per_feature": arguments.per_feature}
    return Part(Around(pinned, **ways, least=arguments.least), arguments.group)


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
