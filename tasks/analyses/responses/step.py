"""Step ``responses``: how the expression of every gene answers when a gene is switched off in cells."""

from functools import lru_cache

from tasks.analyses.responses.settings import ResponsesSettings
from tasks.cells.settings import CellsSettings
from tasks.cells.sources import content_of, find_files
from tasks.section import Sections
from tasks.step import Layer, Step


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of the screen. Raises RequestError if its columns or control cells are not as the settings say."""
    settings, cells = sections.of(ResponsesSettings), sections.of(CellsSettings)
    reading = settings.reading(cells)
    contents = [content_of(path) for path in find_files(reading.paths)]
    _looked_at(settings.model_dump_json(), cells.model_dump_json(), tuple(contents))
    how = {name: getattr(reading, name) for name in ("counts", "genome", "values", "recover")}
    return {"files": contents, "read": {name: value for name, value in how.items() if value}}


@lru_cache(maxsize=8)
def _looked_at(settings: str, cells: str, _contents: tuple[str, ...]) -> None:
    """Read the obs columns once for each content."""
    from tasks.analyses.responses.labels import read_labels  # noqa: PLC0415 - planning needs no pandas until here

    read_labels(ResponsesSettings.model_validate_json(settings), CellsSettings.model_validate_json(cells))


STEP = Step(
    name="responses",
    title="measure responses to perturbations",
    settings=ResponsesSettings,
    version=1,
    work="tasks.analyses.responses.work:measure_responses",
    tables=("perturbation", "perturbation_response"),
    outside=outside,
    wanted=lambda settings: settings.column is not None,
    how="set responses.column to the obs column that names what was switched off",
    apart=frozenset({"path"}),
    on_device=False,
    seconds=10,
)
