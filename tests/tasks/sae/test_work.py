from pathlib import Path

import polars as pl
import pytest
import torch

from tasks.cells.reader import CellsReader
from tasks.sae import load_sae, work
from tasks.sae.settings import SaeSettings
from tasks.sae.work import heldout_cells
from tasks.store import RequestError, StepFolder
from tests.builders.steps import do_step

SETTINGS = SaeSettings(expansion=2, k=4, steps=40, batch=256, warmup=5, decay=10, log_every=20, splice_cells=4)
KEY = "sae-0123456789abcdef"


def run(inputs, folder: Path, layer: int = 1, settings: SaeSettings = SETTINGS) -> Path:
    return do_step("sae", settings, folder, layer=layer, **inputs.reads)


@pytest.fixture(scope="module")
def folder(inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(inputs, tmp_path_factory.mktemp("runs") / KEY)


def test_tables_name_the_autoencoder(folder: Path) -> None:
    out = StepFolder.open(folder)
    row, curve = out.read_table("sae"), out.read_table("sae_metric")
    assert row["sae_id"].to_list() == ["L01-topk64-k4-012345"] == curve["sae_id"].unique().to_list()


def test_row_says_what_lies_on_disk(folder: Path) -> None:
    out = StepFolder.open(folder)
    row, sae = out.read_table("sae").row(0, named=True), load_sae(folder)
    assert out.info == {"sae_id": sae.sae_id, "layer": 1, "n_features": 64, "k": 4}
    shards = {shard.path: shard for shard in out.lines["sae"].shards}
    assert row["sha256"] == shards["sae/sae_weights.safetensors"].sha256
    assert (row["layer"], row["n_features"], row["k"], row["d_model"]) == (sae.layer, 64, sae.k, sae.d_model)
    assert row["decoder_norm_min"] == pytest.approx(1, abs=1e-6)
    assert row["decoder_norm_max"] == pytest.approx(1, abs=1e-6)
    assert row["dead_fraction"] == row["n_dead"] / 64
    assert 0 < row["fvu"] < 1
    assert (row["seed"], row["n_steps"], row["layout"]) == (0, 40, None)
    assert row["l0"] <= 4


def test_same_inputs_give_the_same_bytes(inputs, folder: Path, tmp_path: Path) -> None:
    again = run(inputs, tmp_path / KEY)
    for shard in StepFolder.open(folder).lines["sae"].shards:
        assert (again / shard.path).read_bytes() == (folder / shard.path).read_bytes(), shard.path


def test_a_finished_folder_is_left_alone(inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(inputs, tmp_path / KEY)
    monkeypatch.delattr(work, "train_to_end")
    assert run(inputs, tmp_path / KEY) == done


def test_a_folder_killed_before_its_manifest_is_finished_without_training(
    inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = StepFolder.open(run(inputs, tmp_path / KEY)).info
    (tmp_path / KEY / "manifest.json").unlink()
    monkeypatch.delattr(work, "train_to_end")
    assert StepFolder.open(run(inputs, tmp_path / KEY)).info == info


def test_a_killed_layer_goes_on(inputs, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(work.Judge, "judge", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(inputs, tmp_path / KEY)
    assert list(StepFolder(tmp_path / KEY).lines) == ["checkpoint-0000040"]
    with monkeypatch.context() as patch:
        patch.delattr("tasks.sae.training.trainee.Trainee.learn")
        run(inputs, tmp_path / KEY)
    assert list(StepFolder(tmp_path / KEY).lines) == ["sae"]
    assert torch.equal(load_sae(tmp_path / KEY).W_enc, load_sae(folder).W_enc)


def test_loss_is_measured_on_heldout_cells_only(inputs) -> None:
    chosen = heldout_cells(inputs.cells, SETTINGS)
    rows = CellsReader(inputs.cells).cells().filter(pl.col("cell_id").is_in(chosen.cell_id.tolist()))
    assert rows["split"].to_list() == ["heldout"] * 4
    everything = SETTINGS.model_copy(update={"splice_cells": 1000})
    assert heldout_cells(inputs.cells, everything).n_cells == 10


def test_a_layer_that_was_not_extracted_is_refused(inputs, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"holds layers \[0, 1, 2\], not 7"):
        run(inputs, tmp_path / KEY, layer=7)


def test_more_active_features_than_features_is_refused(inputs, tmp_path: Path) -> None:
    greedy = SETTINGS.model_copy(update={"k": 65})
    with pytest.raises(RequestError, match=r"sae\.k 65 exceeds the 64 features of layer 1: lower it"):
        run(inputs, tmp_path / KEY, settings=greedy)
