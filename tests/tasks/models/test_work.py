"""The model step: training the stand-in inside a step folder, and recording a given model."""

import json
import time

import numpy as np
import polars as pl
import pytest

from tasks.cells.reader import CellsReader
from tasks.models.load import load_adapter
from tasks.models.mini import step as mini_step
from tasks.models.mini.training import MiniTraining
from tasks.store import RequestError, StepFolder
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.model_settings import ModelSettings
from tests.builders.cells import write_cells
from tests.builders.models import random_cells, tiny_geneformer, tiny_vocabulary
from tests.builders.steps import do_step

MINI = MiniSettings(n_layers=2, d_model=16, d_ff=16, steps=9, warmup=2, batch_tokens=100, checkpoint_steps=4)
SETTINGS = ModelSettings(mini=MINI)
LENGTHS = [10, 30, 5, 42, 30, 12, 3, 20]


@pytest.fixture
def cells(tmp_path):
    vocabulary = tiny_vocabulary()
    return write_cells(tmp_path / "cells-1", random_cells(vocabulary, LENGTHS), vocabulary)


def prepare(settings, cells, folder):
    return do_step("model", settings, folder, cells=cells)


def shard_hashes(folder):
    units = json.loads((folder / "manifest.json").read_text())["units"]
    return {shard["path"]: shard["sha256"] for unit in units for shard in unit["shards"]}


def test_the_trained_model_is_a_directory_that_loads_like_a_published_one(tmp_path, cells):
    folder = StepFolder.open(prepare(SETTINGS, cells, tmp_path / "model-1"))
    adapter = load_adapter(tmp_path / "model-1" / "model")
    assert folder.info["model_dir"] == "model"
    assert folder.info["model_id"] == adapter.info.model_id == f"geneformer-mini-{adapter.info.weights_sha[:8]}"
    assert adapter.info.stand_in
    assert (adapter.info.n_layers, adapter.info.d_model, adapter.info.max_length) == (2, 16, 64)
    assert adapter.vocabulary == CellsReader(cells).vocabulary()
    symbols = json.loads((tmp_path / "model-1" / "model" / "gene_name_id_dict.json").read_text())
    assert symbols["SYM4"] == "ENSG00000000000"


def test_tables_hold_the_curve_and_the_scores(tmp_path, cells):
    folder = StepFolder.open(prepare(SETTINGS, cells, tmp_path / "model-1"))
    model, curve = folder.read_table("model"), folder.read_table("model_metric")
    assert curve["model_id"].unique().to_list() == model["model_id"].to_list()
    assert curve["step"].unique().sort().to_list() == [4, 8, 9]
    assert model.select(pl.col("heldout_loss", "baseline_loss").is_between(0, 10)).row(0) == (True, True)


def test_interrupted_training_ends_bit_for_bit_the_same(tmp_path, cells, monkeypatch):
    whole = prepare(SETTINGS, cells, tmp_path / "model-1")
    real = MiniTraining.advance
    steps = []

    def failing(training, bar):
        if steps:
            raise KeyboardInterrupt
        steps.append(training.step)
        real(training, bar)

    monkeypatch.setattr(MiniTraining, "advance", failing)
    with pytest.raises(KeyboardInterrupt):
        prepare(SETTINGS, cells, tmp_path / "model-2")
    monkeypatch.setattr(
        MiniTraining, "advance", lambda training, bar: steps.append(training.step) or real(training, bar)
    )
    resumed = prepare(SETTINGS, cells, tmp_path / "model-2")
    assert steps == [0, 4, 8], "training goes on from the checkpoint"
    assert shard_hashes(resumed) == shard_hashes(whole)


def test_the_time_of_training_is_in_the_ledger(tmp_path, cells, monkeypatch):
    trained = MiniTraining.advance

    def slow(training, bar):
        time.sleep(0.1)
        trained(training, bar)

    monkeypatch.setattr(MiniTraining, "advance", slow)
    prepare(SETTINGS, cells, tmp_path / "model-1")
    lines = StepFolder.open(tmp_path / "model-1").lines
    assert sum(name.startswith("checkpoint-") for name in lines) == 3
    assert all(line.seconds >= 0.1 for name, line in lines.items() if name.startswith("checkpoint-"))


def test_a_trained_model_is_not_trained_again(tmp_path, cells, monkeypatch):
    folder = prepare(SETTINGS, cells, tmp_path / "model-1")
    (folder / "manifest.json").unlink()
    monkeypatch.setattr(mini_step, "MiniTraining", lambda *_: pytest.fail("nothing is to be trained"))
    assert prepare(SETTINGS, cells, folder) == folder
    assert StepFolder.open(folder).done


def test_a_given_model_is_recorded_and_scored(tmp_path, cells):
    given = tiny_geneformer(tmp_path / "tiny")
    folder = StepFolder.open(prepare(ModelSettings(path=str(given)), cells, tmp_path / "model-1"))
    assert folder.info["model_dir"] == str(given)
    row = folder.read_table("model").row(0, named=True)
    assert (row["name"], row["stand_in"], row["n_layers"]) == ("tiny", False, 3)
    assert row["heldout_loss"] > row["baseline_loss"], "random weights are worse than counting"


def test_cells_of_another_vocabulary_are_refused(tmp_path, cells):
    given = tiny_geneformer(tmp_path / "tiny", n_genes=41)
    with pytest.raises(RequestError, match="was tokenised for another model than tiny: tokenise it anew"):
        prepare(ModelSettings(path=str(given)), cells, tmp_path / "model-1")


def test_a_missing_directory_is_refused(tmp_path, cells):
    with pytest.raises(RequestError, match="absent is no directory"):
        prepare(ModelSettings(path=str(tmp_path / "absent")), cells, tmp_path / "model-1")


def test_cells_without_a_held_out_one_leave_the_scores_empty(tmp_path, monkeypatch):
    cells_of = CellsReader.cells
    vocabulary = tiny_vocabulary()
    every = pl.lit("train").alias("split")
    few = write_cells(tmp_path / "cells-1", random_cells(vocabulary, LENGTHS), vocabulary)
    monkeypatch.setattr(CellsReader, "cells", lambda reader: cells_of(reader).with_columns(every))
    folder = StepFolder.open(prepare(SETTINGS, few, tmp_path / "model-1"))
    assert folder.read_table("model").select("heldout_loss", "baseline_top1").row(0) == (None, None)
    assert np.isfinite(folder.read_table("model_metric")["value"].to_numpy()).all()
