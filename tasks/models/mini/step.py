"""Train a stand-in inside a step folder, checkpoint by checkpoint, and write its model directory."""

from pathlib import Path

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import model_id
from tasks.models.mini.curve import metric_table
from tasks.models.mini.stand_ins import GENEFORMER_MINI, StandIn
from tasks.models.mini.state import restore_state, save_state
from tasks.models.mini.training import MiniTraining
from tasks.models.score import sample_cells
from tasks.store import Progress, StepFolder, Unit, sha256_file
from tasks.vocabulary.mini_settings import MiniSettings

MODEL_FOLDER = "model"
MODEL_UNIT = "model"
CURVE_TOKENS = 20_000  # held-out tokens a point of the curve is scored on


def train_mini(
    settings: MiniSettings,
    reader: CellsReader,
    train: TokenizedCells,
    heldout: TokenizedCells,
    out: StepFolder,
    device: str,
    stand_in: StandIn = GENEFORMER_MINI,
) -> Path:
    """Train, or go on from the last checkpoint in the ledger; return the model directory."""
    if not out.has(MODEL_UNIT):
        curve_cells = sample_cells(heldout, CURVE_TOKENS, settings.seed)
        training = MiniTraining(settings, reader.vocabulary(), train, curve_cells, device, stand_in)
        _train(training, out)
        with out.unit(MODEL_UNIT) as unit:
            _write_model(unit, training, symbols=dict(reader.genes().select("symbol", "gene_id").iter_rows()))
    return out.path.resolve() / MODEL_FOLDER


def _train(training: MiniTraining, out: StepFolder) -> None:
    finished = sorted(name for name in out.lines if name.startswith("checkpoint-"))
    if finished:
        restore_state(training, out.file(_file(finished[-1])))
    with Progress(f"training {training.stand_in.name}", training.settings.steps, unit="step") as bar:
        bar.advance(training.step)
        while not training.done:
            name = f"checkpoint-{training.next_stop:07d}"
            with out.unit(name) as unit:  # the way to a checkpoint is part of its time
                training.advance(bar)
                with unit.file(_file(name)) as path:
                    save_state(training, path)


def _file(checkpoint: str) -> str:
    return f"checkpoints/{checkpoint}.safetensors"


def _write_model(unit: Unit, training: MiniTraining, symbols: dict[str, str]) -> None:
    """The published directory layout, and the curve."""
    stand_in = training.stand_in
    for name, text in stand_in.documents(training.settings, training.adapter.vocabulary, symbols).items():
        with unit.file(f"{MODEL_FOLDER}/{name}") as path:
            path.write_text(text)
    weights = training.adapter.model.state_dict()
    with unit.file(f"{MODEL_FOLDER}/{stand_in.weight_file}") as path:
        stand_in.save_weights({name: weight.cpu().contiguous() for name, weight in weights.items()}, path)
        identity = model_id(stand_in.name, sha256_file(path))
    unit.table("model_metric", metric_table(identity, training.curve))
