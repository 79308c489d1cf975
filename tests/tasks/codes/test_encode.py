"""Encoding to firings against the dense encoder, and the bytes they take."""

import numpy as np
import pytest
import torch

from tasks.codes.encode import bytes_of, encode_rows, feature_type
from tests.builders.saes import random_topk

N, D, F, K = 60, 12, 40, 5


@pytest.mark.parametrize("threshold", [None, 0.6])
def test_firings_are_the_positive_entries_of_the_dense_codes(threshold):
    sae = random_topk(D, F, K)
    x = torch.randn(N, D, generator=torch.Generator().manual_seed(1))
    if threshold is not None:
        sae = sae.with_tensors(sae.parameters | {"threshold": torch.full((F,), threshold)}, None)
    pre = (x - sae.b_dec) @ sae.W_enc + sae.b_enc
    bound = pre.sort(dim=1, descending=True).values[:, K - 1 : K].clamp_min(1e-30) if threshold is None else threshold
    dense = torch.where((pre >= bound) & (pre > 0), pre, 0).numpy()
    found = encode_rows(sae, x)
    slow = np.zeros((N, F), dtype=np.float32)
    for position in range(N):
        own = slice(found["starts"][position], found["starts"][position + 1])
        slow[position, found["feature"][own]] = found["value"][own]
        assert (np.diff(found["value"][own]) <= 0).all()
    np.testing.assert_allclose(slow, dense, rtol=1e-5)
    assert {name: array.dtype.name for name, array in found.items()} == {
        "starts": "uint32",
        "feature": "uint16",
        "value": "float32",
    }


def test_no_position_and_no_firing_are_nothing():
    sae = random_topk(D, F, K)
    silent = sae.with_tensors(sae.parameters | {"b_enc": torch.full((F,), -1e6)}, K)
    assert encode_rows(silent, torch.zeros(3, D))["starts"].tolist() == [0, 0, 0, 0]
    assert encode_rows(sae, torch.zeros(0, D))["starts"].tolist() == [0]


def test_features_take_two_bytes_as_long_as_two_can_number_them():
    assert (feature_type(65_536), feature_type(65_537)) == (np.uint16, np.uint32)
    assert bytes_of(100, 3200, 4608, 1) == 100 * 4 + 3200 * 6 + 4608 * 8
    assert bytes_of(100, 3200, 100_000, 2) == 100 * 4 + 3200 * 8 + 2 * 100_000 * 8
