"""scgpt-mini: it learns values that a gene alone does not tell, repeats bit for bit, and is read as scGPT is."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from tasks.cells.reader import CellsReader, TokenizedCells
from tasks.models.load import load_adapter
from tasks.models.masked import draw_hidden, masked_gene_score
from tasks.models.mini.batching import training_batch
from tasks.models.mini.stand_ins import STAND_INS
from tasks.models.mini.training import MiniTraining, batch_loss
from tasks.models.mini.value_baseline import value_baseline
from tasks.store import Progress, StepFolder
from tasks.vocabulary.directory import layout_of
from tasks.vocabulary.layouts.scgpt import SCGPT, new_vocabulary
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.model_settings import SCGPT_MINI, ModelSettings
from tests.builders.cells import write_cells
from tests.builders.models import valued_cells
from tests.builders.plain_post_norm import Weights, plain_scgpt, plain_scgpt_values
from tests.builders.scgpt_files import shapes, symbols
from tests.builders.steps import do_step

VOCABULARY = new_vocabulary(symbols(24), 64)
SMALL = MiniSettings(
    n_layers=2, d_model=16, n_heads=4, d_ff=24, steps=9, warmup=2, batch_tokens=100, checkpoint_steps=4
)
LENGTHS = [10, 20, 5, 22, 25, 12, 3, 20]


def typed_cells(n_cells, seed):
    """Cells of two types that show the same genes: in one their values are high, in the other low."""
    rng = np.random.default_rng(seed)
    high = np.tile(rng.integers(0, 2, (n_cells, 1)), (1, 24))
    tokens = np.tile([VOCABULARY.special["<cls>"], *range(24)], n_cells).astype(np.int32)
    values = np.column_stack([np.full(n_cells, -2.0), 1 + 4 * high + rng.normal(0, 0.1, (n_cells, 24))])
    offsets = np.arange(n_cells + 1, dtype=np.int64) * 25
    return TokenizedCells(tokens, offsets, np.arange(n_cells, dtype=np.uint32), values.ravel().astype(np.float32))


def new_training(settings, cells, heldout):
    return MiniTraining(settings, VOCABULARY, cells, heldout, "cpu", STAND_INS[SCGPT_MINI])


def prepare(cells, folder, settings=SMALL):
    return do_step("model", ModelSettings(path=SCGPT_MINI, mini=settings), folder, cells=cells)


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return write_cells(tmp_path_factory.mktemp("home") / "cells-1", valued_cells(VOCABULARY, LENGTHS), VOCABULARY)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, cells):
    return prepare(cells, tmp_path_factory.mktemp("trained") / "model-1")


def test_the_model_learns_what_a_gene_alone_does_not_tell():
    train, heldout = typed_cells(300, 0), typed_cells(60, 1)
    settings = MiniSettings(
        n_layers=2,
        d_model=32,
        d_ff=64,
        steps=150,
        warmup=20,
        batch_tokens=800,
        checkpoint_steps=150,
        learning_rate=5e-3,
    )
    training = new_training(settings, train, heldout)
    with Progress("test", settings.steps) as bar:
        training.advance(bar)
    score = masked_gene_score(training.adapter, heldout, 0)
    baseline = value_baseline(VOCABULARY, train, heldout, draw_hidden(VOCABULARY, heldout, 0))
    assert baseline.loss == pytest.approx(4, rel=0.1), "the variance of 1 and 5"
    assert score.loss < 0.3 * baseline.loss


@pytest.mark.parametrize("seed", range(2))
def test_the_baseline_equals_a_plain_mean(seed):
    train, heldout = valued_cells(VOCABULARY, [9, 12, 7], seed), valued_cells(VOCABULARY, [25, 20], seed + 9)
    hidden = draw_hidden(VOCABULARY, heldout, seed, 0.5)
    seen = [(t, v) for t, v in zip(train.tokens.tolist(), train.values.tolist(), strict=True) if t < 24]
    errors = []
    for token, value in zip(heldout.tokens[hidden].tolist(), heldout.values[hidden].tolist(), strict=True):
        own = [v for t, v in seen if t == token] or [v for _, v in seen]
        errors.append((sum(own) / len(own) - value) ** 2)
    score = value_baseline(VOCABULARY, train, heldout, hidden)
    assert (score.loss, score.top1, score.n_masked) == (pytest.approx(np.mean(errors)), None, len(errors))


def test_hidden_values_show_the_value_that_means_hidden_and_genes_stay():
    cells = valued_cells(VOCABULARY, [25] * 200)
    adapter = new_training(SMALL, cells, cells).adapter
    batch = training_batch(cells, np.arange(200), adapter, 0.4, [0])
    assert batch.wanted[batch.tokens < 24].float().mean() == pytest.approx(0.4, abs=0.02)
    assert not batch.wanted[batch.tokens >= 24].any()
    assert torch.equal(batch.shown, batch.tokens)
    assert (batch.shown_values[batch.wanted] == -1).all()
    assert torch.equal(batch.shown_values[~batch.wanted], batch.values[~batch.wanted])


def test_the_loss_is_the_squared_error_at_hidden_values_of_a_plain_forward_pass():
    cells = valued_cells(VOCABULARY, [10, 25, 17])
    adapter = new_training(SMALL, cells, cells).adapter
    batch = training_batch(cells, np.arange(3), adapter, 0.3, [0])
    weights, errors = Weights(adapter.model.state_dict()), []
    for i, length in enumerate(batch.lengths.tolist()):
        tokens, shown = batch.tokens[i, :length].numpy(), batch.shown_values[i, :length].numpy()
        at = batch.wanted[i, :length].numpy()
        found = plain_scgpt_values(weights, plain_scgpt(weights, tokens, shown, 2, 4)[-1][at])
        errors += ((found - batch.values[i, :length].numpy()[at]) ** 2).tolist()
    assert batch_loss(adapter, batch).item() == pytest.approx(np.mean(errors), rel=1e-5)


def test_its_directory_has_the_published_layout_and_is_read_as_any_other(trained, cells):
    directory, vocabulary = trained / "model", CellsReader(cells).vocabulary()
    assert sorted(path.name for path in directory.iterdir()) == ["args.json", "best_model.pt", "vocab.json"]
    assert layout_of(directory) is SCGPT
    saved = torch.load(directory / "best_model.pt", weights_only=True)
    heads = ("flag_encoder.", "cls_decoder.", "mvc_decoder.")
    wanted = {name: size for name, size in shapes(27, 16, 24, 2, "in_proj").items() if not name.startswith(heads)}
    assert {name: tuple(weight.shape) for name, weight in saved.items()} == wanted
    assert json.loads((directory / "vocab.json").read_text()) == {**vocabulary.token_of, **vocabulary.special}
    adapter = load_adapter(directory)
    folder = StepFolder.open(trained)
    assert folder.info["model_id"] == adapter.info.model_id == f"scgpt-mini-{adapter.info.weights_sha[:8]}"
    assert (adapter.info.family, adapter.info.stand_in, adapter.predicts) == ("scgpt", True, "values")
    assert (adapter.info.n_layers, adapter.info.d_model, adapter.info.n_heads, adapter.info.d_ff) == (2, 16, 4, 24)
    assert replace(adapter.vocabulary, max_length=64) == replace(vocabulary, max_length=64)


def test_tables_hold_the_curve_and_both_losses(trained):
    folder = StepFolder.open(trained)
    model, curve = folder.read_table("model").row(0, named=True), folder.read_table("model_metric")
    assert model["heldout_loss"] > 0
    assert model["baseline_loss"] > 0
    assert (model["heldout_top1"], model["baseline_top1"]) == (None, None)
    assert curve["step"].unique().sort().to_list() == [4, 8, 9]
    assert set(curve["metric"]) == {"loss", "learning_rate"}


def test_training_again_or_after_an_interruption_ends_bit_for_bit_the_same(trained, cells, tmp_path, monkeypatch):
    def weights(folder):
        return (folder / "model" / "best_model.pt").read_bytes()

    real, steps = MiniTraining.advance, []

    def failing(training, bar):
        if steps:
            raise KeyboardInterrupt
        steps.append(training.step)
        real(training, bar)

    monkeypatch.setattr(MiniTraining, "advance", failing)
    with pytest.raises(KeyboardInterrupt):
        prepare(cells, tmp_path / "model-2")
    monkeypatch.setattr(MiniTraining, "advance", real)
    assert weights(prepare(cells, tmp_path / "model-2")) == weights(trained)
    other = SMALL.model_copy(update={"seed": 1})
    assert weights(prepare(cells, tmp_path / "model-3", other)) != weights(trained)
