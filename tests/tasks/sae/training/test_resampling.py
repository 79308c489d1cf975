"""Resampled features against a plain loop, and that they explain what was left over."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tasks.sae.metrics import reconstruction
from tasks.sae.settings import SaeSettings
from tasks.sae.training.resampling import SHARE, forget, resample
from tasks.sae.training.schedule import resampling_due
from tasks.sae.training.state import restore_state, save_state
from tasks.sae.training.trainee import Trainee
from tasks.sae.training.training import Training
from tasks.sae.variants import start
from tasks.store import Progress
from tests.builders.planted_positions import planted_positions
from tests.builders.sae_training import seeded_start, train
from tests.builders.saes import random_topk

D, F, N = 6, 20, 40
DEAD = [3, 4, 11, 19]
PENALISED = ["standard", "april", "p_anneal", "gated", "gated_anneal"]
SETTINGS = SaeSettings(
    variant="standard", expansion=4, k=3, steps=300, batch=512, lr=5e-3, warmup=20, decay=50, sparsity=0.5
)


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(7)
    return torch.randn(N, D, generator=generator), torch.randn(N, D, generator=generator)


def random_weights(variant: str) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    weights = start(random_topk(D, F, 3).parameters, SETTINGS.model_copy(update={"variant": variant})).weights
    for weight in weights.values():
        weight.add_(torch.randn(weight.shape, generator=generator))
    return weights


def slow(weights: dict[str, Tensor], x: Tensor, error: Tensor, dead: list[int]) -> dict[str, np.ndarray]:
    """Number by number, in float64; the inputs are those that the same odds and generator draw."""
    found = {name: weight.double().numpy().copy() for name, weight in weights.items()}
    odds = torch.tensor([sum(float(e) ** 2 for e in row) ** 2 for row in error], dtype=torch.float64)
    drawn = torch.multinomial(odds, len(dead), generator=torch.Generator().manual_seed(5)).tolist()
    alive = [i for i in range(F) if i not in dead]
    size = np.mean([np.sqrt((found["W_enc"][:, i] ** 2).sum()) for i in alive])
    for feature, row in zip(dead, drawn, strict=True):
        way = x[row].double().numpy() - found["b_dec"]
        way /= np.sqrt((way**2).sum())
        found["W_dec"][feature], found["W_enc"][:, feature] = way, SHARE * size * way
        for name in found.keys() - {"W_enc", "W_dec", "b_dec"}:
            found[name][feature] = 0
    return found


@pytest.mark.parametrize("variant", PENALISED)
def test_silent_features_are_drawn_as_the_paper_says(variant: str, batch: tuple[Tensor, Tensor]) -> None:
    x, error = batch
    weights, silent = random_weights(variant), torch.zeros(F, dtype=torch.bool)
    silent[DEAD] = True
    wanted = slow(weights, x, error, DEAD)
    drawn = resample(weights, x, error, silent, torch.Generator().manual_seed(5))
    assert drawn.tolist() == DEAD
    for name, weight in weights.items():
        np.testing.assert_allclose(weight.numpy(), wanted[name], rtol=1e-5, atol=1e-6)


def test_inputs_are_drawn_by_the_square_of_their_loss(batch: tuple[Tensor, Tensor]) -> None:
    x, error = batch[0], torch.zeros(N, D)
    error[0, 0], error[1, 1] = 1.0, 3**0.5  # losses of 1 and 3: odds of 1 to 9
    silent, first = torch.arange(F) == 2, 0
    for seed in range(600):
        weights = random_weights("standard")
        resample(weights, x, error, silent, torch.Generator().manual_seed(seed))
        way = torch.nn.functional.normalize(x[:2] - weights["b_dec"], dim=1)
        likeness = way @ weights["W_dec"][2]
        assert likeness.max() == pytest.approx(1, abs=1e-5)
        first += int(likeness.argmax() == 0)
    assert first / 600 == pytest.approx(0.1, abs=0.04)


def test_no_more_features_are_drawn_than_inputs_with_an_error(batch: tuple[Tensor, Tensor]) -> None:
    x, error = batch
    error[3:] = 0
    weights = random_weights("standard")
    before = {name: weight.clone() for name, weight in weights.items()}
    drawn = resample(weights, x, error, torch.ones(F, dtype=torch.bool), torch.Generator().manual_seed(5))
    assert drawn.tolist() == [0, 1, 2]
    assert all(torch.equal(weights[name][3:], before[name][3:]) for name in ("W_dec", "b_enc"))
    assert len(resample(weights, x, error * 0, torch.ones(F, dtype=torch.bool), torch.Generator())) == 0


def test_moments_of_resampled_features_alone_are_forgotten(batch: tuple[Tensor, Tensor]) -> None:
    settings = SETTINGS.model_copy(update={"steps": 3, "warmup": 0, "decay": 0, "variant": "gated"})
    trainee = Trainee(random_topk(D, F, 3), settings, 1.0)
    trainee.learn(batch[0], 1, batch[0])
    which, states = torch.tensor(DEAD), trainee.optimiser.state
    before = {name: states[weight]["exp_avg_sq"].clone() for name, weight in trainee.variant.weights.items()}
    forget(trainee.optimiser, trainee.variant.weights, which)
    for name, weight in trainee.variant.weights.items():
        for kind in ("exp_avg", "exp_avg_sq"):
            moment = states[weight][kind]
            rows = moment.T if name == "W_enc" else moment
            assert name == "b_dec" or not rows[which].any()
        after, was = states[weight]["exp_avg_sq"].clone(), before[name]
        if name != "b_dec":
            (was.T if name == "W_enc" else was)[which] = 0
        assert torch.equal(after, was)


def test_resampling_leaves_as_many_steps_as_lie_between() -> None:
    assert [step for step in range(1, 1001) if resampling_due(step, 1000, 300)] == [300, 600]
    assert not any(resampling_due(step, 1000, None) for step in range(1, 1001))


@pytest.mark.parametrize("variant", ["standard", "april"])
def test_silenced_features_live_again_and_explain_more(variant: str) -> None:
    positions, _ = planted_positions()
    dead, fvu = {}, {}
    for resampled in (None, 60):
        settings = SETTINGS.model_copy(update={"variant": variant, "resample": resampled})
        untrained = seeded_start(settings, positions)[0]
        untrained.b_enc[: untrained.n_features // 2] -= 5.0
        chunks = positions.chunks(positions.heldout)
        found = reconstruction(train(untrained, positions, settings).sae, chunks, positions.mean(positions.heldout))
        dead[resampled], fvu[resampled] = found.n_dead, found.fvu
    assert dead[None] >= 60
    assert dead[60] <= 30
    assert fvu[60] < 0.95 * fvu[None]


def test_training_that_goes_on_draws_the_same(tmp_path: Path) -> None:
    positions, _ = planted_positions()
    settings = SETTINGS.model_copy(update={"steps": 60, "decay": 0, "resample": 20, "checkpoint_steps": 30})
    untrained = seeded_start(settings, positions)[0]
    untrained.b_enc[:64] -= 5.0
    whole, begun, resumed = (Training([(untrained, settings)], positions, settings) for _ in range(3))
    with Progress("training", 60) as bar:
        whole.advance(bar)
        whole.advance(bar)
        begun.advance(bar)
        save_state(begun, tmp_path / "state.safetensors")
        restore_state(resumed, tmp_path / "state.safetensors")
        resumed.advance(bar)
    for name, weight in whole.trained()[0].sae.parameters.items():
        assert torch.equal(resumed.trained()[0].sae.parameters[name], weight)
