"""Step ``cells``: choose cells, find their raw counts and genes, tokenise."""

from dataclasses import asdict

from tasks.cells.settings import CellsSettings, MiniVocabulary
from tasks.cells.sources import content_of, find_files, source_names
from tasks.section import Sections, chosen_settings
from tasks.step import Layer, Step
from tasks.store import content_key
from tasks.vocabulary.directory import given_directory, layout_of
from tasks.vocabulary.model_settings import MINI, ModelSettings


def outside(sections: Sections, _layer: Layer) -> dict[str, object]:
    """The bytes of the cell files, and what decides the vocabulary: the model's dictionaries, or how one is built.

    The names of several files are content too: table ``cell`` tells their cells apart by them.
    """
    model, paths = sections.of(ModelSettings), find_files(sections.of(CellsSettings).paths)
    if model.trained_here:
        chosen = chosen_settings(sections.of(MiniVocabulary))
        genes: object = chosen if model.path == MINI else {"stand_in": model.path, **chosen}
    else:
        folder = given_directory(model)
        genes = content_key(asdict(layout_of(folder, model.own).vocabulary(folder)))
    if len(paths) > 1:
        named = zip(source_names(paths), paths, strict=True)
        return {"files": [[name, content_of(path)] for name, path in named], "genes": genes}
    return {"file": content_of(paths[0]), "genes": genes}


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
    seconds=1,
)
