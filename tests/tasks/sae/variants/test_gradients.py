"""Loss and gradients of every variant against plain ones, in float64."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from tasks.sae.kinds import KINDS
from tasks.sae.settings import SaeSettings
from tasks.sae.variants import VARIANTS, Variant, Weights, start
from tasks.sae.variants.annealing import SMOOTHING, power
from tasks.sae.variants.jumprelu import WINDOW
from tasks.sae.variants.matryoshka import group_ends
from tests.builders.saes import random_topk
from tests.builders.slow_sae import (
    april_loss,
    aux_loss,
    batchtopk_loss,
    best_of_all,
    dense_codes,
    gated_loss,
    jumprelu_slopes,
    matryoshka_loss,
    p_anneal_loss,
    pre,
    standard_loss,
    topk_loss,
)

N, D, F, K, LAMBDA = 50, 8, 64, 4, 0.3
STEP, STEPS = 60, 100
P = power(STEP, STEPS)
LOSSES: dict[str, Callable[[Weights, Weights, Tensor], Tensor]] = {
    "topk": partial(topk_loss, k=K),
    "batchtopk": partial(batchtopk_loss, k=K),
    "matryoshka": partial(matryoshka_loss, k=K, ends=tuple(group_ends(F))),
    "standard": partial(standard_loss, sparsity=LAMBDA),
    "april": partial(april_loss, sparsity=LAMBDA),
    "p_anneal": partial(p_anneal_loss, sparsity=LAMBDA, p=P, s=SMOOTHING),
    "gated": partial(gated_loss, sparsity=LAMBDA),
    "gated_anneal": partial(gated_loss, sparsity=LAMBDA, p=P, s=SMOOTHING),
}
NONE = torch.empty(0, dtype=torch.long)


@pytest.fixture
def x() -> Tensor:
    return torch.randn(N, D, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def made(name: str, **more: object) -> Variant:
    """A variant with random weights, none of them 0."""
    generator = torch.Generator().manual_seed(3)
    weights = {name: weight.double() for name, weight in random_topk(D, F, K, seed=1).parameters.items()}
    chosen = {"variant": name, "k": K, "sparsity": LAMBDA, "sparsity_warmup": 0, "steps": STEPS, "warmup": 0}
    variant = start(weights, SaeSettings.model_validate({**chosen, "decay": 0, **more}))
    for weight in variant.weights.values():
        weight.add_(torch.randn(weight.shape, generator=generator, dtype=torch.float64), alpha=0.1)
    return variant


@pytest.mark.parametrize("name", LOSSES)
def test_loss_and_gradients_equal_those_of_the_paper(name: str, x: Tensor) -> None:
    variant = made(name)
    found = variant.gradients(x, STEP, NONE)
    weights = {name: weight.clone().requires_grad_() for name, weight in variant.weights.items()}
    loss = LOSSES[name](weights, variant.weights, x)
    loss.backward()
    torch.testing.assert_close(found.loss, loss.detach(), rtol=0, atol=1e-10)
    for one, weight in weights.items():
        torch.testing.assert_close(found.by_weight[one], weight.grad, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_equal_finite_differences(name: str, x: Tensor) -> None:
    variant, h = made(name), 1e-6
    found, frozen = variant.gradients(x, STEP, NONE), {k: w.clone() for k, w in variant.weights.items()}
    generator = torch.Generator().manual_seed(5)
    for one, weight in frozen.items():
        way = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
        up, down = (LOSSES[name]({**frozen, one: weight + sign * h * way}, frozen, x) for sign in (1, -1))
        torch.testing.assert_close((found.by_weight[one] * way).sum(), (up - down) / (2 * h), rtol=1e-5, atol=1e-8)


def test_jumprelu_feels_both_sides_of_its_threshold(x: Tensor) -> None:
    variant = made("jumprelu")
    loss, slopes = jumprelu_slopes(variant.weights, x, K, LAMBDA, WINDOW)
    found = variant.gradients(x, STEP, NONE)
    torch.testing.assert_close(found.loss, loss, rtol=0, atol=1e-10)
    assert set(found.by_weight) == set(slopes)
    for name, slope in slopes.items():
        torch.testing.assert_close(found.by_weight[name], slope, rtol=0, atol=1e-10)
    p, theta = pre(variant.weights, x), variant.weights["log_threshold"].exp()
    inside = (p - theta).abs() < WINDOW / 2
    assert (inside & (p > theta)).any()
    assert (inside & (p < theta)).any()


@pytest.mark.parametrize("dead", [[5], list(range(3, 20))])
@pytest.mark.parametrize("name", ["topk", "batchtopk", "matryoshka"])
def test_dead_features_are_trained_on_what_is_left_over(name: str, dead: list[int], x: Tensor) -> None:
    variant, which = made(name, auxk=0.25), torch.tensor(dead)
    with_dead, without = variant.gradients(x, STEP, which), variant.gradients(x, STEP, NONE)
    weights = {name: weight.clone().requires_grad_() for name, weight in variant.weights.items()}
    p = pre(weights, x).detach()
    codes = dense_codes(p, K) if name == "topk" else best_of_all(p, K)
    loss = 0.25 * aux_loss(weights, codes, x, which)
    loss.backward()
    torch.testing.assert_close(with_dead.loss - without.loss, loss.detach(), rtol=0, atol=1e-10)
    for one, weight in weights.items():
        added = with_dead.by_weight[one] - without.by_weight[one]
        torch.testing.assert_close(added, weight.grad, rtol=0, atol=1e-10)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", VARIANTS)
def test_a_gpu_finds_the_same_gradients(name: str, x: Tensor) -> None:
    variant, device, dead = made(name, auxk=0.25), made(name, auxk=0.25), torch.arange(3, 20)
    device.weights = {name: weight.cuda() for name, weight in device.weights.items()}
    expected, found = variant.gradients(x, STEP, dead), device.gradients(x.cuda(), STEP, dead.cuda())
    torch.testing.assert_close(found.loss.cpu(), expected.loss, rtol=0, atol=1e-10)
    for one, gradient in expected.by_weight.items():
        torch.testing.assert_close(found.by_weight[one].cpu(), gradient, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["standard", "gated", "jumprelu", "april"])
def test_sparsity_rises_over_its_warmup(name: str) -> None:
    variant = made(name, sparsity_warmup=50, sparsity=0.8)
    assert [variant.sparsity(step) for step in (1, 25, 50, 99)] == pytest.approx([0.016, 0.4, 0.8, 0.8])
    assert made(name, sparsity=None).sparsity(1) == KINDS[name].usual_sparsity > 0


def test_p_falls_by_stages_and_the_penalty_keeps_its_size(x: Tensor) -> None:
    powers = [power(step, 1000) for step in range(1001)]
    assert powers[0] == powers[299] == 1
    assert powers[1000] == pytest.approx(0.2)
    assert len({round(p, 6) for p in powers}) == 11
    assert powers == sorted(powers, reverse=True)
    variant = made("p_anneal", steps=1000)
    sizes = [float(variant.gradients(x, step, NONE).loss) for step in range(290, 340)]
    assert max(sizes) - min(sizes) < 1e-9
