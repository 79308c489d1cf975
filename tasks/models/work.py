"""The work of step ``model``: train a stand-in or check a published model, and record how well it predicts."""

from pathlib import Path

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import Adapter
from tasks.models.load import load_adapter
from tasks.models.mini.stand_ins import STAND_INS
from tasks.models.mini.step import train_mini
from tasks.models.score import heldout_score, model_table, sample_cells, split_cells
from tasks.step import Info, Inputs
from tasks.store import RequestError, StepFolder
from tasks.vocabulary.hub import model_path
from tasks.vocabulary.model_settings import ModelSettings
from tasks.vocabulary.vocabulary import Vocabulary


def prepare_model(settings: ModelSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Train the stand-in on, or score a published model on, the cells of step ``cells``.

    The manifest says where the model directory is (``model_dir``), its ``model_id`` and ``family``, and repeats what
    the study says of an encoder of its own. Raises RequestError if a given model directory cannot be used, or if the
    cells are tokenised for another model.
    """
    cells = inputs.folder("cells")
    reader = CellsReader(cells)
    train, heldout = split_cells(reader)
    scored = sample_cells(heldout, settings.score_tokens, settings.seed)
    if settings.trained_here:
        stand_in = STAND_INS[settings.path]
        model_dir = train_mini(settings.mini, reader, train, scored, out, inputs.device, stand_in)
    else:
        model_dir = model_path(settings.path).resolve()
    adapter = load_adapter(model_dir, inputs.device, settings.own)
    _require_same_tokens(adapter, reader.vocabulary(), cells)
    _record(out, settings, adapter, train, scored)
    info, own = adapter.info, {} if settings.own is None else {"own": settings.own.model_dump()}
    where = _from_folder(model_dir, out.path)
    return {"model_id": info.model_id, "model_dir": where, "family": info.family, **own}


def _record(
    out: StepFolder, settings: ModelSettings, adapter: Adapter, train: TokenizedCells, scored: TokenizedCells
) -> None:
    if out.has("record"):
        return
    with out.unit("record") as unit:
        unit.table("model", model_table(adapter.info, heldout_score(adapter, train, scored, settings.seed)))


def _require_same_tokens(adapter: Adapter, used: Vocabulary, cells: Path) -> None:
    ours = adapter.vocabulary
    if (used.token_of, used.special, used.encoding) != (ours.token_of, ours.special, ours.encoding):
        raise RequestError(f"{cells} was tokenised for another model than {adapter.info.name}: tokenise it anew")


def _from_folder(model_dir: Path, folder: Path) -> str:
    """The model directory as the manifest holds it: relative if it lies in the folder, which may then be moved."""
    return str(model_dir.relative_to(folder) if model_dir.is_relative_to(folder) else model_dir)
