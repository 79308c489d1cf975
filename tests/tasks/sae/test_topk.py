"""The written-out gradients against dense autograd, in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import normalize

from tasks.sae import TopKSae
from tasks.sae.topk import initial_weights
from tests.builders.saes import random_topk

N, D, F, K = 50, 8, 32, 4


@pytest.fixture
def sae() -> TopKSae:
    sae = random_topk(D, F, K, seed=1)
    return in_float64(replace(sae, b_enc=sae.b_enc - 1.2))  # so that some positions have fewer than k active


@pytest.fixture
def x() -> Tensor:
    return torch.randn(N, D, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def in_float64(sae: TopKSae) -> TopKSae:
    return replace(sae, **{name: weight.double() for name, weight in sae.parameters.items()})


def dense_codes(pre: Tensor, k: int) -> Tensor:
    kept = pre.topk(k, dim=1).indices
    return torch.zeros_like(pre).scatter(1, kept, pre.gather(1, kept).relu())


def dense_loss(weights: dict[str, Tensor], x: Tensor, dead: Tensor, coefficient: float) -> Tensor:
    """The loss of the docstring, every product dense."""
    pre = (x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"]
    rebuilt = dense_codes(pre, K) @ weights["W_dec"] + weights["b_dec"]
    loss = (x - rebuilt).square().mean()
    if len(dead) == 0:
        return loss
    left = (x - rebuilt).detach()
    aux = dense_codes(pre[:, dead], min(len(dead), D // 2)) @ weights["W_dec"][dead] - left
    total = (left - left.mean(0)).square().sum()
    return loss + coefficient * aux.square().sum() / total


@pytest.mark.parametrize("dead", [[], [5], list(range(3, 20))])
def test_loss_and_gradients_equal_dense_autograd(sae: TopKSae, x: Tensor, dead: list[int]) -> None:
    which = torch.tensor(dead, dtype=torch.long)
    found = sae.gradients(x, which, 0.25)
    assert (found.codes.values == 0).any()
    weights = {name: weight.clone().requires_grad_() for name, weight in sae.parameters.items()}
    loss = dense_loss(weights, x, which, 0.25)
    loss.backward()
    torch.testing.assert_close(found.loss, loss.detach(), rtol=0, atol=1e-10)
    for name, weight in weights.items():
        torch.testing.assert_close(found.by_weight[name], weight.grad, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["W_enc", "b_enc", "W_dec", "b_dec"])
def test_gradients_equal_finite_differences(sae: TopKSae, x: Tensor, name: str) -> None:
    generator = torch.Generator().manual_seed(5)
    none = torch.empty(0, dtype=torch.long)
    way = torch.randn(sae.parameters[name].shape, generator=generator, dtype=torch.float64)
    h = 1e-6
    losses = [
        sae_with(sae, name, sae.parameters[name] + sign * h * way).gradients(x, none, 0.0).loss for sign in (1, -1)
    ]
    slope = (losses[0] - losses[1]) / (2 * h)
    expected = (sae.gradients(x, none, 0.0).by_weight[name] * way).sum()
    torch.testing.assert_close(expected, slope, rtol=1e-6, atol=1e-9)


def sae_with(sae: TopKSae, name: str, weight: Tensor) -> TopKSae:
    return replace(sae, **{name: weight})


def test_encode_and_decode_equal_the_equations(sae: TopKSae, x: Tensor) -> None:
    codes = sae.encode(x)
    expected = dense_codes((x - sae.b_dec) @ sae.W_enc + sae.b_enc, K)
    found = torch.zeros(N, F, dtype=torch.float64).scatter(1, codes.indices, codes.values)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(sae.decode(codes), expected @ sae.W_dec + sae.b_dec, rtol=0, atol=1e-12)
    assert (codes.values.diff(dim=1) <= 0).all()


def test_encoding_in_parts_changes_nothing(sae: TopKSae, x: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sae.encode(x)
    monkeypatch.setattr("tasks.sae.topk.ENCODE_ROWS", 7)
    parts = sae.encode(x)
    assert torch.equal(parts.indices, whole.indices)
    torch.testing.assert_close(parts.values, whole.values, rtol=0, atol=1e-14)


def test_encode_takes_no_positions(sae: TopKSae) -> None:
    assert sae.decode(sae.encode(torch.empty(0, D, dtype=torch.float64))).shape == (0, D)


def test_scale_is_folded_exactly(sae: TopKSae, x: Tensor) -> None:
    folded = sae.for_scaled_inputs(2.5)
    expected = sae.decode(sae.encode(2.5 * x)) / 2.5
    torch.testing.assert_close(folded.decode(folded.encode(x)), expected, rtol=0, atol=1e-12)
    assert torch.equal(folded.decoder_norms, sae.decoder_norms)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_finds_the_same_gradients(sae: TopKSae, x: Tensor) -> None:
    dead = torch.arange(3, 20)
    device = replace(sae, **{name: weight.cuda() for name, weight in sae.parameters.items()})
    expected, found = sae.gradients(x, dead, 0.25), device.gradients(x.cuda(), dead.cuda(), 0.25)
    torch.testing.assert_close(found.loss.cpu(), expected.loss, rtol=0, atol=1e-10)
    for name, gradient in expected.by_weight.items():
        torch.testing.assert_close(found.by_weight[name].cpu(), gradient, rtol=0, atol=1e-10)


def test_initial_weights_are_tied_unit_directions_around_the_mean() -> None:
    mean = torch.arange(D, dtype=torch.float32)
    weights = initial_weights(F, mean, torch.Generator().manual_seed(0))
    torch.testing.assert_close(weights["W_dec"], normalize(weights["W_dec"], dim=1))
    assert torch.equal(weights["W_enc"], weights["W_dec"].T)
    assert torch.equal(weights["b_dec"], mean)
    assert not weights["b_enc"].any()
