"""Batch shapes: what makes a row's result depend on the row alone."""

from dataclasses import replace

import pytest
import torch

from tasks.causal.tiles import TiledEncoder, filled, invariant_rows, tiled
from tests.builders.saes import random_topk


def test_invariant_rows_halves_until_places_agree():
    tried = []

    def outputs(rows):
        tried.append(rows)
        return [torch.arange(rows) // 3]

    rows, found = invariant_rows(16, outputs)
    assert (rows, tried) == (2, [16, 8, 4, 2])
    assert found[0].tolist() == [0, 0]


def test_one_row_agrees_with_itself():
    assert invariant_rows(5, lambda rows: [torch.rand(rows)])[0] == 1


@pytest.mark.parametrize("rule", ["k", "threshold"])
def test_tiles_give_the_codes_of_the_plain_encoder(rule):
    sae, x = random_topk(16, 40, 4), torch.randn(37, 16, generator=torch.Generator().manual_seed(1))
    sae = sae if rule == "k" else replace(sae, k=None, threshold=torch.full((40,), 0.7))
    encoded, plain = TiledEncoder(sae, 8).encode(x), sae.encode(x)
    assert torch.equal(encoded.indices, plain.indices)
    torch.testing.assert_close(encoded.values, plain.values)


def test_no_rows_give_no_codes():
    codes = TiledEncoder(random_topk(16, 40, 4), 8).encode(torch.empty(0, 16))
    assert codes.values.shape == codes.indices.shape == (0, 4)


def test_a_row_has_the_same_codes_at_every_place():
    encoder = TiledEncoder(random_topk(16, 40, 4))
    x = torch.randn(300, 16, generator=torch.Generator().manual_seed(2))
    whole = encoder.encode(x)
    for start in (1, 100, 299):
        assert torch.equal(encoder.encode(x[start:]).values, whole.values[start:])


def test_rows_are_filled_up_with_zeros():
    rows = filled(torch.ones(5, 2, 3), 4)
    assert rows.shape == (8, 2, 3)
    assert rows.sum() == 30
    assert filled(rows, 4).shape == (8, 2, 3)


def test_tiles_are_run_one_after_the_other():
    seen = []

    def both(a, b):
        seen.append(len(a))
        return a + b

    rows = torch.arange(12.0).view(6, 2)
    assert torch.equal(tiled(both, 2, rows, rows), 2 * rows)
    assert seen == [2, 2, 2]
