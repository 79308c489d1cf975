"""Encoding and decoding against the equations, in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tasks.sae import Sae
from tests.builders.saes import random_topk
from tests.builders.slow_sae import dense_codes

N, D, F, K = 50, 8, 32, 4


@pytest.fixture(params=["k", "threshold"])
def sae(request: pytest.FixtureRequest) -> Sae:
    """By k, or by a threshold that differs between features."""
    sae = random_topk(D, F, K, seed=1)
    sae = replace(sae, b_enc=sae.b_enc - 1.2)  # so that some positions have fewer than k active
    threshold = torch.rand(F, generator=torch.Generator().manual_seed(3))
    return in_float64(sae if request.param == "k" else replace(sae, k=None, threshold=threshold))


@pytest.fixture
def x() -> Tensor:
    return torch.randn(N, D, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


def in_float64(sae: Sae) -> Sae:
    return replace(sae, **{name: weight.double() for name, weight in sae.parameters.items()})


def test_encode_and_decode_equal_the_equations(sae: Sae, x: Tensor) -> None:
    codes = sae.encode(x)
    p = (x - sae.b_dec) @ sae.W_enc + sae.b_enc
    expected = dense_codes(p, K) if sae.threshold is None else torch.where(p > sae.threshold, p, 0.0)
    found = torch.zeros(N, F, dtype=torch.float64).scatter_add(1, codes.indices, codes.values)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(sae.decode(codes), expected @ sae.W_dec + sae.b_dec, rtol=0, atol=1e-12)
    assert (codes.values.diff(dim=1) <= 0).all()


def test_encoding_in_parts_changes_nothing(sae: Sae, x: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sae.encode(x)
    monkeypatch.setattr("tasks.sae.sae.ENCODE_ROWS", 7)
    parts = sae.encode(x)
    assert torch.equal(parts.indices, whole.indices)
    torch.testing.assert_close(parts.values, whole.values, rtol=0, atol=1e-14)


def test_encode_takes_no_positions(sae: Sae) -> None:
    assert sae.decode(sae.encode(torch.empty(0, D, dtype=torch.float64))).shape == (0, D)


def test_scale_is_folded_exactly(sae: Sae, x: Tensor) -> None:
    folded = sae.for_scaled_inputs(2.5)
    expected = sae.decode(sae.encode(2.5 * x)) / 2.5
    torch.testing.assert_close(folded.decode(folded.encode(x)), expected, rtol=0, atol=1e-12)
    assert torch.equal(folded.decoder_norms, sae.decoder_norms)
