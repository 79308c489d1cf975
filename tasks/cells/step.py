"""Step ``cells``: choose cells, find their raw counts and genes, tokenise."""

from dataclasses import asdict
from pathlib import Path

from tasks.cells import sample
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.section import Sections, chosen_settings
from tasks.step import Layer, Step
from tasks.store import RequestError, content_key, sha256_once
from tasks.vocabulary.directory import given_directory, layout_of
from tasks.vocabulary.model_settings import MINI, ModelSettings


def cells_path(settings: CellsSettings) -> Path:
    """The study's cell file; ``sample`` is the bundled one. Raises RequestError if it is not there."""
    path = sample.path("pbmc3k.h5ad") if settings.path == "sample" else Path(settings.path)
    if not path.is_file():
        raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
    return path


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of the cell file, and what decides the vocabulary: the model's dictionaries, or how one is built."""
    model = sections.of(ModelSettings)
    if model.path == MINI:
        genes: object = chosen_settings(sections.of(MiniVocabulary))
    else:
        folder = given_directory(model)
        genes = content_key(asdict(layout_of(folder, model.own).vocabulary(folder)))
    return {"file": sha256_once(cells_path(sections.of(CellsSettings))), "genes": genes}


STEP = Step(
    name="cells",
    title="choose and tokenise cells",
    settings=CellsSettings,
    version=1,
    work="tasks.cells.work:choose_cells",
    tables=("cell", "gene"),
    outside=outside,
    apart=frozenset({"path"}),
    on_device=False,
)
