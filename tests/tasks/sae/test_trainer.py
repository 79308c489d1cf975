from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch.optim import Adam

from tasks.sae.metrics import reconstruction
from tasks.sae.positions import Positions
from tasks.sae.settings import SaeSettings
from tasks.sae.trainer import Trained, batches, rate_factor, train, update
from tasks.sae.untrained import untrained_sae
from tasks.sae.variants import start
from tests.builders.contract import assert_contract
from tests.builders.planted_positions import planted_positions
from tests.builders.saes import random_topk

QUICK = SaeSettings(expansion=4, k=3, steps=400, batch=512, lr=5e-3, warmup=20, decay=100, auxk=0)


def fit(settings: SaeSettings, positions: Positions) -> Trained:
    return train(untrained_sae(settings, 0, positions, "model", "0123456789"), positions, settings)


@pytest.fixture(scope="module")
def planted() -> tuple[Positions, Tensor]:
    return planted_positions()


@pytest.fixture(scope="module")
def trained(planted: tuple[Positions, Tensor]) -> Trained:
    return fit(QUICK, planted[0])


def test_a_planted_dictionary_is_found_again(planted: tuple[Positions, Tensor], trained: Trained) -> None:
    positions, directions = planted
    best = (directions @ trained.sae.W_dec.T).amax(dim=1)
    assert best.mean() >= 0.9
    chunks = positions.chunks(positions.heldout)
    assert reconstruction(trained.sae, chunks, positions.mean(positions.heldout)).fvu < 0.1


def test_feature_directions_have_unit_norm(trained: Trained) -> None:
    torch.testing.assert_close(trained.sae.decoder_norms, torch.ones(trained.sae.n_features), rtol=0, atol=1e-6)


def test_same_seed_gives_the_same_bits_and_another_seed_others(planted: tuple[Positions, Tensor]) -> None:
    short = QUICK.model_copy(update={"steps": 30, "decay": 0, "auxk": 0.1, "dead_after": 2000})
    first, second = (fit(short, planted[0]) for _ in range(2))
    other = fit(short.model_copy(update={"seed": 1}), planted[0])
    for name, weight in first.sae.parameters.items():
        assert torch.equal(second.sae.parameters[name], weight)
        assert not torch.equal(other.sae.parameters[name], weight)
    assert first.curve.frame("a").equals(second.curve.frame("a"))


def test_training_does_not_depend_on_the_units_of_the_activations(planted: tuple[Positions, Tensor]) -> None:
    short = QUICK.model_copy(update={"steps": 30, "decay": 0})
    as_is = fit(short, planted[0])
    times_eight = fit(short, replace(planted[0], hidden=planted[0].hidden * 8))
    torch.testing.assert_close(times_eight.sae.W_dec, as_is.sae.W_dec, rtol=0, atol=1e-6)
    torch.testing.assert_close(times_eight.sae.b_dec, 8 * as_is.sae.b_dec, rtol=1e-5, atol=1e-5)
    assert times_eight.input_scale == pytest.approx(as_is.input_scale / 8)


def test_untrained_weights_are_left_as_they_are(planted: tuple[Positions, Tensor]) -> None:
    settings = QUICK.model_copy(update={"steps": 2, "warmup": 0, "decay": 0})
    untrained = untrained_sae(settings, 0, planted[0], "model", "0123456789")
    before = {name: weight.clone() for name, weight in untrained.parameters.items()}
    train(untrained, planted[0], settings)
    assert all(torch.equal(weight, before[name]) for name, weight in untrained.parameters.items())


def test_auxk_revives_dead_features_and_they_explain_more() -> None:
    positions, _ = planted_positions(n_features=128)
    n_dead, fvu = {}, {}
    for auxk in (0.0, 1 / 32):
        settings = QUICK.model_copy(update={"steps": 200, "auxk": auxk, "dead_after": 2_000})
        sae = untrained_sae(settings, 0, positions, "model", "0123456789")
        sae.b_enc[:64] -= 2.0  # half the features are hardly ever among the k largest
        chunks = positions.chunks(positions.heldout)
        found = reconstruction(train(sae, positions, settings).sae, chunks, positions.mean(positions.heldout))
        n_dead[auxk], fvu[auxk] = found.n_dead, found.fvu
    assert n_dead[0.0] >= 60
    assert n_dead[1 / 32] <= 30
    assert fvu[1 / 32] < 0.9 * fvu[0.0]


def test_curve_has_both_splits_and_ends_at_the_last_step(trained: Trained) -> None:
    frame = trained.curve.frame("L00-topk128-k3-012345")
    assert_contract(frame, "sae_metric")
    assert sorted(frame["step"].unique()) == list(range(50, 401, 50))
    metrics = frame.group_by("split").agg("metric").sort("split")
    assert [sorted(set(m)) for m in metrics["metric"]] == [
        ["dead_fraction", "fvu", "l0", "loss"],
        ["dead_fraction", "fvu", "l0", "learning_rate", "loss"],
    ]
    assert frame["value"].is_finite().all()


def test_the_last_step_is_on_the_curve_whatever_the_interval(planted: tuple[Positions, Tensor]) -> None:
    settings = QUICK.model_copy(update={"steps": 7, "decay": 0, "log_every": 5})
    assert fit(settings, planted[0]).curve.frame("a")["step"].unique().to_list() == [5, 7]


def test_updates_equal_autograd_and_a_plain_adam_step_by_step() -> None:
    """Five steps in float64 against dense products, autograd and Adam's textbook loop."""
    weights = {name: weight.double() for name, weight in random_topk(8, 32, 4, seed=3).parameters.items()}
    fast = start(weights, QUICK.model_copy(update={"k": 4, "clip": 0.1}))
    slow = {name: weight.clone().requires_grad_() for name, weight in weights.items()}
    optimisers = Adam(list(fast.weights.values()), fused=True), Adam(list(slow.values()), foreach=False)
    x = torch.randn(5, 64, 8, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    for batch in x:
        update(fast, fast.gradients(batch, 1, torch.empty(0, dtype=torch.long)).by_weight, optimisers[0], 0.01)
        slow_update(slow, batch, optimisers[1])
    for name, weight in slow.items():
        torch.testing.assert_close(fast.weights[name], weight.detach(), rtol=0, atol=1e-10)


def slow_update(weights: dict[str, Tensor], x: Tensor, optimiser: Adam) -> None:
    pre = (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    kept = pre.topk(4, dim=1).indices
    codes = torch.zeros_like(pre).scatter(1, kept, pre.gather(1, kept).relu())
    optimiser.zero_grad()
    (codes @ weights["W_dec"] + weights["b_dec"] - x).square().mean().backward()
    gradient, directions = weights["W_dec"].grad, weights["W_dec"].detach()
    for f in range(len(directions)):
        gradient[f] -= (gradient[f] @ directions[f]) * directions[f]
    torch.nn.utils.clip_grad_norm_(weights.values(), 0.1 / 8)
    optimiser.param_groups[0]["lr"] = 0.01
    optimiser.step()
    weights["W_dec"].data = normalize(weights["W_dec"].data, dim=1)


def test_every_pass_visits_every_row_once() -> None:
    rows = torch.arange(100, 110)
    drawn = torch.cat(list(batches(rows, SaeSettings(steps=5, batch=4, warmup=0, decay=0))))
    assert len(drawn) == 20
    assert all(torch.equal(part.sort().values, rows) for part in drawn.split(10))
    assert not torch.equal(drawn[:10], drawn[10:])


def test_a_batch_larger_than_the_rows_spans_passes() -> None:
    (batch,) = batches(torch.arange(3), SaeSettings(steps=1, batch=7, warmup=0, decay=0))
    assert torch.bincount(batch).tolist() in ([3, 2, 2], [2, 3, 2], [2, 2, 3])


def test_learning_rate_rises_stays_and_falls() -> None:
    settings = SaeSettings(steps=10, warmup=4, decay=2)
    assert [rate_factor(step, settings) for step in range(1, 11)] == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 0.5]
    flat = SaeSettings(steps=3, warmup=0, decay=0)
    assert [rate_factor(step, flat) for step in (1, 2, 3)] == [1, 1, 1]
