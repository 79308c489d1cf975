"""Train geneformer-mini inside a step folder, checkpoint by checkpoint, and write its model directory."""

import json
from pathlib import Path

from safetensors.torch import save_file

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.adapter import model_id
from tasks.models.families.geneformer_weights import TIED
from tasks.models.mini.curve import metric_table
from tasks.models.mini.network import NAME, mini_config
from tasks.models.mini.state import restore_state, save_state
from tasks.models.mini.training import MiniTraining
from tasks.models.score import sample_cells
from tasks.store import Progress, StepFolder, Unit, sha256_file
from tasks.vocabulary.layouts.geneformer import CONFIG_FILE, NAME_FILE
from tasks.vocabulary.layouts.weight_files import WHOLE
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
) -> Path:
    """Train, or go on from the last checkpoint in the ledger; return the model directory."""
    if not out.has(MODEL_UNIT):
        curve_cells = sample_cells(heldout, CURVE_TOKENS, settings.seed)
        training = MiniTraining(settings, reader.vocabulary(), train, curve_cells, device)
        _train(training, out)
        with out.unit(MODEL_UNIT) as unit:
            _write_model(unit, training, symbols=dict(reader.genes().select("symbol", "gene_id").iter_rows()))
    return out.path.resolve() / MODEL_FOLDER


def _train(training: MiniTraining, out: StepFolder) -> None:
    finished = sorted(name for name in out.lines if name.startswith("checkpoint-"))
    if finished:
        restore_state(training, out.file(_file(finished[-1])))
    with Progress("training geneformer-mini", training.settings.steps, unit="step") as bar:
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
    vocabulary = training.adapter.vocabulary
    texts = {
        CONFIG_FILE: json.dumps(mini_config(training.settings, vocabulary), indent=1),
        NAME_FILE: json.dumps(symbols, indent=0),
        **vocabulary.documents(),
    }
    for name, text in texts.items():
        with unit.file(f"{MODEL_FOLDER}/{name}") as path:
            path.write_text(text)
    weights = training.adapter.model.state_dict()
    with unit.file(f"{MODEL_FOLDER}/{WHOLE[0]}") as path:
        own = {name: weight.cpu().contiguous() for name, weight in weights.items() if name not in TIED}
        save_file(own, path, metadata={"format": "pt"})
        identity = model_id(NAME, sha256_file(path))
    unit.table("model_metric", metric_table(identity, training.curve))
