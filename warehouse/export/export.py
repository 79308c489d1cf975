"""``export_run``: the format follows from the file's name; a file is there whole or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import UnknownName
from warehouse.export.circuit_tracer import write_circuit_tracer
from warehouse.export.contents import Contents, read_contents
from warehouse.export.graphs import write_graphml, write_node_link
from warehouse.export.h5ad import write_h5ad
from warehouse.files import explained, move_into_place
from warehouse.neighbourhood import Part

FORMATS: dict[str, Callable[[Contents, Path], None]] = {
    ".h5ad": write_h5ad,
    ".graphml": write_graphml,
    ".json": write_node_link,
}
GRAPHS = (".graphml", ".json")
LAYOUTS: dict[str, Callable[[Contents, Path], None]] = {  # of .json
    "node-link": write_node_link,
    "circuit-tracer": write_circuit_tracer,
}
SCORES = ".csv"  # of labels, families of genes and expression: ``export_scores``


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    run_id: str
    n_features: int
    n_edges: int
    left_out: str = ""  # of a part of the graph, in words


def export_run(
    path: Path,
    home: Path | None = None,
    run_id: str | None = None,
    criterion: str | None = None,
    effect: str = "total",
    part: Part | None = None,
    layout: str = "node-link",
) -> ExportReport:
    """Write a run's features and edges to ``path``: .h5ad, .graphml or .json (in one of LAYOUTS).

    ``run_id`` None is the newest run made here, else the newest imported one; ``criterion`` None is that by which the
    run's edges are to be read (macro rule_of); ``part`` None is all of the graph. Raises UnknownName for another kind
    of file, an unknown run, or a graph without edges; NoWarehouse; OutOfSpace.
    """
    _refuse_file(path, part, layout)
    contents = read_contents(home, run_id, criterion, effect, part)
    if contents.edges.is_empty() and path.suffix in GRAPHS:
        where = "" if part is None else " around these features"
        raise UnknownName(
            f"run {contents.run['run_id']} has no edge{where} under rule {contents.rule} and effect {effect}, so no "
            "graph: choose another rule, effect or run"
        )
    with whole_file(path) as temporary:
        (LAYOUTS[layout] if path.suffix == ".json" else FORMATS[path.suffix])(contents, temporary)
    return ExportReport(contents.run["run_id"], len(contents.kept), contents.edges.height, contents.left_out)


def _refuse_file(path: Path, part: Part | None, layout: str) -> None:
    """Raise UnknownName for an ending that no format has, or one that cannot hold what is wanted."""
    if path.suffix not in FORMATS:
        raise UnknownName(
            f"{path}: name a file that ends in {', '.join([*FORMATS, SCORES])}; for tables, `scfm sql --format`"
        )
    if part is not None and path.suffix not in GRAPHS:
        raise UnknownName(f"{path}: a part of the graph goes into a file that ends in {' or '.join(GRAPHS)}")
    if layout != "node-link" and path.suffix != ".json":
        raise UnknownName(f"{path}: the layout {layout} is one of .json files")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write under; what lies there in the end takes the place of ``path``. Raises OutOfSpace."""
    temporary = path.with_name(f".{path.name}.tmp{path.suffix}")
    try:
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        move_into_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
