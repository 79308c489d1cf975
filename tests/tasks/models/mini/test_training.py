"""Training of the small model: it learns, its rate follows the plan, its state can be saved anywhere."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tasks.cells.reader import TokenizedCells
from tasks.models.masked import draw_hidden, masked_gene_score
from tasks.models.mini.baseline import baseline_score
from tasks.models.mini.batching import training_batch
from tasks.models.mini.state import restore_state, save_state
from tasks.models.mini.training import MiniTraining, batch_loss, learning_rate
from tasks.store import Progress
from tasks.vocabulary.mini_settings import MiniSettings
from tests.builders.models import random_cells, tiny_vocabulary

VOCABULARY = tiny_vocabulary(40)
SETTINGS = MiniSettings(n_layers=2, d_model=16, d_ff=32, steps=6, warmup=2, batch_tokens=100, checkpoint_steps=3)


def typed_cells(n_cells, seed):
    """Cells of four types, each with ten genes of its own in one order: the type, and so the gene, can be told."""
    kind = np.random.default_rng(seed).integers(0, 4, n_cells)
    genes = 10 * kind[:, None] + np.arange(10) + 4
    tokens = np.column_stack([np.full(n_cells, 2), genes, np.full(n_cells, 3)]).astype(np.int32)
    offsets = np.arange(n_cells + 1, dtype=np.int64) * 12
    return TokenizedCells(tokens.ravel(), offsets, np.arange(n_cells, dtype=np.uint32))


def trained(settings, train, heldout):
    training = MiniTraining(settings, VOCABULARY, train, heldout, "cpu")
    with Progress("test", settings.steps) as bar:
        while not training.done:
            training.advance(bar)
    return training


def test_the_model_learns_what_counting_cannot():
    train, heldout = typed_cells(300, 0), typed_cells(50, 1)
    settings = MiniSettings(
        n_layers=2,
        d_model=32,
        d_ff=64,
        steps=400,
        warmup=20,
        batch_tokens=512,
        checkpoint_steps=200,
        learning_rate=3e-3,
    )
    score = masked_gene_score(trained(settings, train, heldout).adapter, heldout, 0)
    hidden = draw_hidden(VOCABULARY, heldout, 0)
    baseline = baseline_score(VOCABULARY, train, heldout, hidden)
    assert score.top1 > 0.9
    assert baseline.top1 < 0.2
    assert score.loss < baseline.loss - 2


def test_the_rate_rises_then_falls_to_zero():
    settings = MiniSettings(steps=100, warmup=10, learning_rate=1.0)
    rates = [learning_rate(settings, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10] == max(rates) == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert (np.diff(rates[10:]) < 0).all()
    assert 0 < rates[-1] < 0.001


def test_the_loss_is_taken_at_the_wanted_positions_alone():
    cells = random_cells(VOCABULARY, [10, 40, 25])
    adapter = MiniTraining(SETTINGS, VOCABULARY, cells, cells, "cpu").adapter
    batch = training_batch(cells, np.arange(3), adapter, 0.3, [0])
    real = torch.arange(batch.tokens.shape[1]) < batch.lengths[:, None]
    labels = batch.tokens.masked_fill(~batch.wanted, -100)
    theirs = adapter.model(batch.shown, attention_mask=real.long(), labels=labels).loss
    torch.testing.assert_close(batch_loss(adapter, batch), theirs, rtol=0, atol=1e-5)


def test_training_goes_on_from_a_saved_state(tmp_path):
    cells = random_cells(VOCABULARY, [10, 40, 25, 30, 12, 8])
    whole = trained(SETTINGS, cells, cells)
    first, second = (MiniTraining(SETTINGS, VOCABULARY, cells, cells, "cpu") for _ in range(2))
    with Progress("test", 6) as bar:
        first.advance(bar)
        save_state(first, tmp_path / "state.safetensors")
        restore_state(second, tmp_path / "state.safetensors")
        assert (second.step, second.done) == (3, False)
        second.advance(bar)
    assert second.curve == whole.curve
    for own, other in zip(second.adapter.model.parameters(), whole.adapter.model.parameters(), strict=True):
        assert torch.equal(own, other)


def test_the_seed_decides_the_weights_and_leaves_other_draws_alone():
    cells = random_cells(VOCABULARY, [10])
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    same, again, other = (
        MiniTraining(SETTINGS.model_copy(update={"seed": seed}), VOCABULARY, cells, cells, "cpu") for seed in (0, 0, 1)
    )
    assert torch.equal(torch.rand(1), expected)
    weights = [t.adapter.model.bert.embeddings.word_embeddings.weight for t in (same, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"d_model": 64, "n_heads": 5}, "n_heads=5 does not divide d_model=64"),
        ({"steps": 10, "warmup": 10}, "warmup=10 leaves nothing of steps=10"),
        ({"width": 1}, "width"),
    ],
)
def test_contradictions_are_refused(settings, why):
    with pytest.raises(ValidationError, match=why):
        MiniSettings(**settings)
