"""FLOPs against hand counts, and against what torch counts when the engines run."""

from types import SimpleNamespace

import pytest

from tasks.causal.cost import frozen_flops, row_flops, total_flops

TRUE = SimpleNamespace(d_model=1152, d_ff=4608)


def test_a_row_of_the_published_model_is_41_mflop():
    assert row_flops(TRUE, 2048) == pytest.approx(0.0413e9, rel=0.01)


def test_the_next_layer_takes_less_than_a_gflop_a_pair():
    assert frozen_flops(TRUE, 2048, 16, 1, 4608) == pytest.approx(0.66e9 + 16 * 0.0106e9, rel=0.01)


def test_the_total_effect_takes_what_cannot_be_left_out():
    """Twelve later layers, three of them read: 0.907 TFLOP a pair."""
    assert total_flops(TRUE, 2048, 16, 12, 3 * 4608) == pytest.approx(0.9069e12, rel=0.005)
