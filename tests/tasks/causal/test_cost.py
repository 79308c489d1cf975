"""FLOPs against hand counts, and against what torch counts when the engines run."""

from types import SimpleNamespace

import pytest
import torch

from tasks.causal.cost import decoder_flops, expected_rows, frozen_flops, row_flops, total_flops

TRUE = SimpleNamespace(d_model=1152, d_ff=4608, n_heads=18, n_key_heads=None, gated=False)


def test_a_row_of_the_published_model_is_41_mflop():
    assert row_flops(TRUE, 2048) == pytest.approx(0.0413e9, rel=0.01)


def test_the_next_layer_takes_less_than_a_gflop_a_pair():
    assert frozen_flops(TRUE, 2048, 16, 1, 4608) == pytest.approx(0.66e9 + 16 * 0.0106e9, rel=0.01)


def test_the_total_effect_takes_what_cannot_be_left_out():
    """Twelve later layers, three of them read: 0.907 TFLOP a pair."""
    assert total_flops(TRUE, 2048, 16, 12, 3 * 4608) == pytest.approx(0.9069e12, rel=0.005)


def test_reading_every_gene_costs_the_encoding_of_a_layer_and_the_last_block():
    """At published size 2.4 % per target layer, and 9 % once for the last block of all rows."""
    active = [total_flops(TRUE, 2048, 16, 12, layers * 4608) for layers in (1, 2)]
    every = [total_flops(TRUE, 2048, 16, 12, layers * 4608, 2046) for layers in (1, 2)]
    first, second = ((b - a) / active[0] for a, b in zip(active, every, strict=True))
    assert second - first == pytest.approx(0.024, abs=0.001)
    assert first == pytest.approx(0.093 + 0.024, abs=0.003)


def test_one_block_on_nothing_but_the_first_block_and_the_codes_is_counted():
    n, p, d, f = 2048, 16, 1152, 4608
    first = n * (2 * d * d + 4 * d * f + 8 * p * d) + p * row_flops(TRUE, n)
    assert total_flops(TRUE, n, p, 1, f, n - p) == pytest.approx(first + (n - p) * 2 * d * f)


def test_flops_of_a_stretch():
    info = SimpleNamespace(d_model=1232, d_ff=2464, n_heads=8, n_key_heads=2, gated=True)
    row = 2 * 1232 * (1232 * 2 + 2 * 1232 // 4 + 3 * 2464) + 4 * 1000 * 1232
    assert row_flops(info, 1000) == row
    shared = 2 * 1232 * 2 * 1232 // 4
    assert decoder_flops(info, 1000, 300, 3, 50, 10) == 2 * 300 * row + 300 * shared + 10 * (row - shared + 100 * 1232)


@pytest.mark.parametrize("to_the_end", [True, False])
def test_expected_rows_are_those_of_even_positions(to_the_end):
    generator = torch.Generator().manual_seed(0)
    rows = []
    for _ in range(4000):
        at = torch.rand(5, generator=generator) * 1000
        rows.append(float((1000 if to_the_end else at.max()) - at.min()))
    assert expected_rows(1000, 5, to_the_end) == pytest.approx(sum(rows) / len(rows), rel=0.02)
    assert expected_rows(40, 30, to_the_end) >= 30
