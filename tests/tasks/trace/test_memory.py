"""The estimate follows what is kept, and a cut of the work that fits it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tasks.store import RequestError
from tasks.trace.layout import Layout, Shape
from tasks.trace.memory import needed_memory, require_room
from tasks.trace.settings import TraceSettings

INFO = SimpleNamespace(d_model=1152, d_ff=4608, n_heads=18, n_key_heads=None, gated=False)
ADJACENT = Shape(INFO, True, 20, 2048.0, 16.0, 1, 4608, 32)
DIRECT = replace(ADJACENT, n_blocks=12, n_targets=12 * 4608, n_codes=12 * 32)
TOTAL = replace(DIRECT, frozen=False)
DECODER = replace(TOTAL, decoder=True)


def cut(shape, **settings):
    return Layout.of(TraceSettings(**settings), shape, on_cpu=True)


@pytest.mark.parametrize("shape", [ADJACENT, DIRECT, TOTAL, DECODER])
@pytest.mark.parametrize("memory_gb", [4.0, 8.0, 64.0])
def test_the_automatic_cut_fits_the_memory_it_was_made_for(shape, memory_gb):
    layout = cut(shape, memory_gb=memory_gb)
    assert needed_memory(layout, shape, n_devices=1, n_threads=2) < memory_gb * 1e9


@pytest.mark.parametrize("shape", [ADJACENT, DIRECT, TOTAL, DECODER])
def test_a_unit_is_about_a_minute_or_a_single_feature(shape):
    layout = cut(shape)
    flops = layout.features * layout.cells * shape.pair_flops
    assert flops <= 6.1e12 or layout.features == 1
    assert layout.features == 1 or layout.features * layout.cells > 100


def test_numbers_in_the_settings_are_taken_as_they_are():
    assert (cut(TOTAL, feature_block=7, cell_block=3).features, cut(TOTAL, feature_block=7, cell_block=3).cells) == (
        7,
        3,
    )


def test_the_estimate_holds_what_is_kept():
    layout = cut(DIRECT)
    states = 20 * 2048 * 1152 * 4
    keys_and_values = layout.cells * 12 * 2 * 2048 * 1152 * 4
    effects = layout.features * layout.cells * 12 * 4608 * 4
    assert needed_memory(layout, DIRECT, 1, 2) > states + keys_and_values + effects


def test_a_decoder_keeps_all_keys_and_recomputes_what_lies_between_and_behind():
    assert DECODER.cell_bytes == DIRECT.cell_bytes > TOTAL.cell_bytes
    some, every = (replace(DECODER, n_read=n_read).pair_flops for n_read in (None, 2046.0))
    assert 0.8 * TOTAL.pair_flops < some < TOTAL.pair_flops
    assert some < every < replace(TOTAL, n_read=2046.0).pair_flops
    assert replace(DECODER, n_positions=2.0).pair_flops < 0.4 * replace(TOTAL, n_positions=2.0).pair_flops


def test_every_device_holds_the_cells_it_works_on():
    layout = cut(DIRECT)
    keys_and_values = layout.cells * 12 * 2 * 2048 * 1152 * 4
    assert needed_memory(layout, DIRECT, 2, 2) - needed_memory(layout, DIRECT, 1, 2) > keys_and_values


def test_more_than_is_allowed_is_refused():
    layout = cut(DIRECT, cell_block=20)
    with pytest.raises(RequestError, match=r"tracing needs about \d+\.\d+ GB, trace\.memory_gb allows 1: raise it"):
        require_room(TraceSettings(memory_gb=1), layout, DIRECT, 1, 2)
