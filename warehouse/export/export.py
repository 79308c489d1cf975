"""``export_run``: the format follows from the file's name; a file is there whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import UnknownName
from warehouse.export.contents import Contents, read_contents
from warehouse.export.graphs import write_graphml, write_node_link
from warehouse.export.h5ad import write_h5ad
from warehouse.files import explained, move_into_place

FORMATS: dict[str, Callable[[Contents, Path], None]] = {
    ".h5ad": write_h5ad,
    ".graphml": write_graphml,
    ".json": write_node_link,
}
GRAPHS = (".graphml", ".json")


@dataclass(frozen=True)
class ExportReport:
    """What was written."""

    run_id: str
    n_features: int
    n_edges: int


def export_run(
    path: Path,
    home: Path | None = None,
    run_id: str | None = None,
    criterion: str | None = None,
    effect: str = "total",
) -> ExportReport:
    """Write a run's features and edges to ``path``: .h5ad, .graphml or .json (node-link).

    ``run_id`` None is the newest run made here, else the newest imported one; ``criterion`` None is that by which the
    run's edges are to be read (macro rule_of). Raises UnknownName for another kind of
    file, an unknown run, or a graph without edges; NoWarehouse; OutOfSpace.
    """
    if path.suffix not in FORMATS:
        raise UnknownName(f"{path}: name a file that ends in {', '.join(FORMATS)}; for tables, `scfm sql --format`")
    contents = read_contents(home, run_id, criterion, effect)
    if contents.edges.is_empty() and path.suffix in GRAPHS:
        raise UnknownName(
            f"run {contents.run['run_id']} has no edge under rule {contents.rule} and effect {effect}, so no graph: "
            "choose another rule, effect or run"
        )
    temporary = path.with_name(f".{path.name}.tmp{path.suffix}")
    try:
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            FORMATS[path.suffix](contents, temporary)
        move_into_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return ExportReport(contents.run["run_id"], contents.features.height, contents.edges.height)
