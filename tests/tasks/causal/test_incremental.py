"""The updated first block against the block run anew on the displaced cell."""

import pytest
import torch

from tasks.causal import incremental
from tasks.causal.context import Context
from tasks.causal.displacement import Displacement, Rows
from tasks.causal.incremental import FirstBlock
from tasks.models import load_adapter
from tasks.models.attention import run_block

TOKENS = 23


@pytest.fixture(scope="module")
def block(folders):
    adapter = load_adapter(folders.model_dir)
    adapter.model.double()
    return adapter.block(2)


def cell(seed=0):
    return torch.randn(TOKENS, 32, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def displacement(n, seed):
    generator = torch.Generator().manual_seed(seed)
    at = torch.randperm(TOKENS, generator=generator)[:n].sort().values
    return Displacement(at, torch.randn(n, 32, generator=generator, dtype=torch.float64))


def displaced(hidden, items):
    whole = hidden.repeat(len(items), 1, 1)
    for row, item in zip(whole, items, strict=True):
        row[item.positions] += item.values
    return whole


@pytest.mark.parametrize("removed", [0.0, 0.05, 0.5, 2.0])
@pytest.mark.parametrize("counts", [[1], [3, 8], [23, 2, 12]])
@torch.inference_mode()
def test_every_row_is_as_if_run_anew(block, counts, removed, monkeypatch):
    """Whether few rows, some or all are attended to in full."""
    monkeypatch.setattr(incremental, "REMOVED", removed)
    hidden, items = cell(), [displacement(n, n) for n in counts]
    first = FirstBlock.of(Context.of(block, hidden, 4), hidden)
    found = first.run(Rows.of(items, hidden), len(items))
    torch.testing.assert_close(found, run_block(block, displaced(hidden, items), None), rtol=1e-10, atol=1e-10)


@torch.inference_mode()
def test_rows_that_lose_nearly_all_their_attention_keep_their_digits(block):
    """The displaced keys drew nearly all attention: without the fallback the difference of two sums would cancel."""
    hidden = cell().float()
    single = load_float(block)
    loud = Displacement(torch.arange(TOKENS - 1), 30 * displacement(TOKENS - 1, 3).values.float())
    hidden[:-1] += loud.values
    back = Displacement(loud.positions, -loud.values)
    first = FirstBlock.of(Context.of(single, hidden, 4), hidden)
    found = first.run(Rows.of([back], hidden), 1)
    block.layer.double()
    slow = run_block(block, displaced(hidden.double(), [Displacement(back.positions, back.values.double())]), None)
    torch.testing.assert_close(found.double(), slow, rtol=1e-4, atol=1e-4)


def load_float(block):
    block.layer.float()
    return block


@torch.inference_mode()
def test_nothing_displaced_changes_no_bit_and_places_are_filled_up(block):
    hidden = cell()
    first = FirstBlock.of(Context.of(block, hidden, 4), hidden)
    item = displacement(5, 1)
    nothing = Displacement(item.positions, torch.zeros_like(item.values))
    outputs = first.run(Rows.of([nothing, item], hidden), 4)
    assert torch.equal(outputs[0], outputs[2])
    assert torch.equal(outputs[3], outputs[2])
    assert not torch.equal(outputs[1], outputs[2])
