"""Step ``cells``: choose cells, find their raw counts and genes, tokenise."""

from dataclasses import asdict
from itertools import combinations
from pathlib import Path

from tasks.cells import sample
from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.section import Sections, chosen_settings
from tasks.step import Layer, Step
from tasks.store import RequestError, content_key, sha256_once
from tasks.vocabulary.directory import given_directory, layout_of
from tasks.vocabulary.model_settings import MINI, ModelSettings


def cell_files(settings: CellsSettings) -> list[Path]:
    """The study's cell files; ``sample`` is the bundled one.

    Raises RequestError if one is not there, or if two have the same name or the same content.
    """
    paths = [sample.path("pbmc3k.h5ad") if path == "sample" else Path(path) for path in settings.paths]
    for path in paths:
        if not path.is_file():
            raise RequestError(f"cells.path: no file at {path}: give the path of an .h5ad file")
    for first, second in combinations(paths, 2):
        if first.name == second.name:
            raise RequestError(f"cells.path: {first} and {second} have one name, by which cells are told apart: rename")
        if sha256_once(first) == sha256_once(second):
            raise RequestError(f"cells.path: {first} and {second} hold the same bytes: name one of them")
    return paths


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of the cell files, and what decides the vocabulary: the model's dictionaries, or how one is built.

    The names of several files are content too: table ``cell`` tells their cells apart by them.
    """
    model, paths = sections.of(ModelSettings), cell_files(sections.of(CellsSettings))
    if model.path == MINI:
        genes: object = chosen_settings(sections.of(MiniVocabulary))
    else:
        folder = given_directory(model)
        genes = content_key(asdict(layout_of(folder, model.own).vocabulary(folder)))
    if len(paths) > 1:
        return {"files": [[path.name, sha256_once(path)] for path in paths], "genes": genes}
    return {"file": sha256_once(paths[0]), "genes": genes}


STEP = Step(
    name="cells",
    title="choose and tokenise cells",
    settings=CellsSettings,
    version=3,
    work="tasks.cells.work:choose_cells",
    tables=("cell", "gene", "cell_obs"),
    outside=outside,
    apart=frozenset({"path"}),
    on_device=False,
)
