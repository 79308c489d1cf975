"""The extraction step: shards, resume, refusals."""

import json

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tasks.activations import work
from tasks.activations.reader import ActivationReader
from tasks.activations.settings import ActivationsSettings
from tasks.models.batches import one_cell
from tasks.models.load import load_adapter
from tasks.store import OutOfSpace, RequestError, StepFolder
from tests.builders.cells import write_cells
from tests.builders.llama_files import tiny_llama
from tests.builders.models import random_cells, tiny_geneformer, tiny_vocabulary, valued_cells
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt
from tests.builders.steps import do_step

LENGTHS = [10, 30, 5, 42, 30, 12, 3]
SETTINGS = ActivationsSettings(chunk_cells=3, batch_tokens=80)


@pytest.fixture
def inputs(tmp_path):
    """A finished model folder and a finished cells folder."""
    with StepFolder.create(tmp_path / "model-1") as out:
        out.finish(model_dir=str(tiny_geneformer(tmp_path / "tiny")))
    vocabulary = tiny_vocabulary()
    return tmp_path / "model-1", write_cells(tmp_path / "cells-1", random_cells(vocabulary, LENGTHS), vocabulary)


def run(settings, inputs, folder):
    return do_step("activations", settings, folder, model=inputs[0], cells=inputs[1])


def shard_hashes(folder):
    units = json.loads((folder / "manifest.json").read_text())["units"]
    return {shard["path"]: shard["sha256"] for unit in units for shard in unit["shards"]}


def test_every_layer_and_position_is_written(tmp_path, inputs):
    reader = ActivationReader(run(SETTINGS, inputs, tmp_path / "activations-1"))
    assert (reader.layers, reader.d_model, reader.n_positions) == ([0, 1, 2], 32, sum(LENGTHS) - 2 * len(LENGTHS))
    index = reader.index()
    assert (np.diff(index.cell_id.astype(int)) >= 0).all()
    for layer in reader.layers:
        assert reader.load(layer).shape == (len(index.token), 32)


def test_chunks_do_not_change_the_numbers(tmp_path, inputs):
    small = ActivationReader(run(SETTINGS, inputs, tmp_path / "activations-1"))
    large = ActivationReader(run(ActivationsSettings(), inputs, tmp_path / "activations-2"))
    np.testing.assert_array_equal(small.index().token, large.index().token)
    torch.testing.assert_close(small.load(2).float(), large.load(2).float(), rtol=1e-3, atol=1e-3)


def test_interrupted_work_goes_on_and_ends_the_same(tmp_path, inputs, monkeypatch):
    whole = run(SETTINGS, inputs, tmp_path / "activations-1")
    extracted = []

    def failing(adapter, cells, *rest):
        if len(extracted) == 2:
            raise KeyboardInterrupt
        extracted.append(cells.cell_id.tolist())
        return real(adapter, cells, *rest)

    real = work.extract
    monkeypatch.setattr(work, "extract", failing)
    with pytest.raises(KeyboardInterrupt):
        run(SETTINGS, inputs, tmp_path / "activations-2")
    monkeypatch.setattr(work, "extract", lambda *given: extracted.append("again") or real(*given))
    resumed = run(SETTINGS, inputs, tmp_path / "activations-2")
    assert extracted[2:] == ["again"], "finished chunks are not run again"
    assert shard_hashes(resumed) == shard_hashes(whole)


def test_a_finished_folder_is_left_alone(tmp_path, inputs, monkeypatch):
    folder = run(SETTINGS, inputs, tmp_path / "activations-1")
    monkeypatch.setattr(work, "load_prepared", lambda *_: pytest.fail("nothing is to be done"))
    assert run(SETTINGS, inputs, folder) == folder


def test_an_unknown_layer_is_refused(tmp_path, inputs):
    with pytest.raises(RequestError, match=r"names layer 3, but tiny has layers 0 to 2"):
        run(ActivationsSettings(layers=[0, 3]), inputs, tmp_path / "activations-1")


def test_too_little_disk_is_refused_before_anything_is_computed(tmp_path, inputs, monkeypatch):
    monkeypatch.setattr(work, "extract", lambda *_: pytest.fail("the check comes first"))
    monkeypatch.setattr("tasks.store.disk.shutil.disk_usage", lambda _: type("Usage", (), {"free": 10}))
    with pytest.raises(OutOfSpace, match="free some space"):
        run(SETTINGS, inputs, tmp_path / "activations-1")


def test_less_precise_products_give_nearly_the_same_states(tmp_path, inputs):
    plain = ActivationReader(run(SETTINGS, inputs, tmp_path / "activations-1")).load(2).float()
    settings = SETTINGS.model_copy(update={"precision": "bf16"})
    less = ActivationReader(run(settings, inputs, tmp_path / "activations-2")).load(2).float()
    assert 0 < float((less - plain).std() / plain.std()) < 0.03


def test_tf32_without_cuda_is_refused_under_its_own_key(tmp_path, inputs):
    settings = SETTINGS.model_copy(update={"precision": "tf32"})
    with pytest.raises(RequestError, match=r'activations\.precision = "tf32" needs a CUDA device'):
        run(settings, inputs, tmp_path / "activations-1")
    with pytest.raises(ValidationError):
        ActivationsSettings(precision="fp8")


@pytest.mark.parametrize("family", ["scgpt", "scfoundation", "llama"])
def test_models_of_other_families_are_extracted_without_their_special_tokens(tmp_path, family):
    """Through the step folders, in chunks and batches, against each cell alone."""
    make = {"scgpt": tiny_scgpt, "scfoundation": tiny_scfoundation, "llama": tiny_llama}[family]
    adapter = load_adapter(make(tmp_path / family, symbols(50)))
    cells = valued_cells(adapter.vocabulary, LENGTHS[:-1])
    with StepFolder.create(tmp_path / "model-1") as out:
        out.finish(model_dir=str(tmp_path / family))
    folder = write_cells(tmp_path / "cells-1", cells, adapter.vocabulary)
    reader = ActivationReader(run(SETTINGS, (tmp_path / "model-1", folder), tmp_path / "activations-1"))
    n_special = len(adapter.vocabulary.front) + len(adapter.vocabulary.behind)
    assert reader.n_positions == len(cells.tokens) - n_special * cells.n_cells
    alone = []
    for i in range(cells.n_cells):
        batch = one_cell(cells, i)
        *_, last = adapter.blocks(adapter.embed(batch), 0, 3)
        alone.append(last[0][adapter.is_gene(batch.tokens[0])])
    torch.testing.assert_close(reader.load(2).float(), torch.cat(alone), rtol=2e-3, atol=2e-3)
