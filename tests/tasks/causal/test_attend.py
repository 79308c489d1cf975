"""Attention with shifted keys and values against attention over keys that were replaced."""

import pytest
import torch

from tasks.causal import attend as module
from tasks.causal.attend import Shifts, attend, attend_shifted

HEADS, TOKENS, WIDTH = 3, 29, 8


@pytest.fixture
def draw():
    generator = torch.Generator().manual_seed(5)
    return lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)


def plain(query, keys, values):
    return (query @ keys.mT * WIDTH**-0.5).softmax(-1) @ values


def shifts_of(counts, draw):
    at = torch.cat(
        [torch.randperm(TOKENS, generator=torch.Generator().manual_seed(n))[:n].sort().values for n in counts]
    )
    return Shifts(torch.tensor(counts), at, draw(HEADS, len(at), WIDTH), draw(HEADS, len(at), WIDTH))


@pytest.mark.parametrize("tile", [1, 4, 16])
@pytest.mark.parametrize("scores", [1, 10_000])
def test_clean_rows(draw, tile, scores, monkeypatch):
    monkeypatch.setattr(module, "SCORES", scores)
    query, keys, values = draw(HEADS, 32, WIDTH), draw(HEADS, TOKENS, WIDTH), draw(HEADS, TOKENS, WIDTH)
    torch.testing.assert_close(attend(query, keys, values, tile), plain(query, keys, values))


@pytest.mark.parametrize("tile", [1, 4, 16])
@pytest.mark.parametrize("row_counts", [[2, 5, 1], [9, 12, 4]])
def test_rows_see_the_shifts_of_their_own_displacement(draw, tile, row_counts):
    counts = [3, 6, 2]
    keys, values, shifts = draw(HEADS, TOKENS, WIDTH), draw(HEADS, TOKENS, WIDTH), shifts_of(counts, draw)
    query = draw(HEADS, 32, WIDTH)
    found = attend_shifted(query, keys, values, torch.tensor(row_counts), shifts, tile)
    row = column = 0
    for n_rows, n_columns in zip(row_counts, counts, strict=True):
        changed = keys.clone(), values.clone()
        own = slice(column, column + n_columns)
        for whole, part in zip(changed, (shifts.keys, shifts.values), strict=True):
            whole[:, shifts.positions[own]] += part[:, own]
        rows = slice(row, row + n_rows)
        torch.testing.assert_close(found[:, rows], plain(query[:, rows], *changed))
        row, column = row + n_rows, column + n_columns


def test_shifts_of_zero_change_no_bit(draw):
    query, keys, values = (
        x.float() for x in (draw(HEADS, 16, WIDTH), draw(HEADS, TOKENS, WIDTH), draw(HEADS, TOKENS, WIDTH))
    )
    some = shifts_of([7, 9], draw)
    none = Shifts(some.counts, some.positions, torch.zeros(HEADS, 16, WIDTH), torch.zeros(HEADS, 16, WIDTH))
    shifted = attend_shifted(query, keys, values, torch.tensor([7, 9]), none, 4)
    assert torch.equal(shifted, attend(query, keys, values, 4))
