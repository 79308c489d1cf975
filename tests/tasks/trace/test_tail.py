"""Batch shapes: what makes a row's result depend on the row alone."""

import torch

from tasks.models import load_adapter
from tasks.models.adapter import run_blocks
from tasks.trace.clean import clean_cell
from tasks.trace.sites import Sites
from tasks.trace.tail import Tail, TiledEncoder, invariant_rows
from tests.builders.saes import random_topk

NOWHERE = Sites(*[torch.zeros(n, dtype=torch.long) for n in (0, 1, 0, 0)])


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


def test_tiles_give_the_codes_of_the_plain_encoder():
    sae, x = random_topk(16, 40, 4), torch.randn(37, 16, generator=torch.Generator().manual_seed(1))
    tiled, plain = TiledEncoder(sae, 8).encode(x), sae.encode(x)
    assert torch.equal(tiled.indices, plain.indices)
    torch.testing.assert_close(tiled.values, plain.values)


def test_no_rows_give_no_codes():
    codes = TiledEncoder(random_topk(16, 40, 4), 8).encode(torch.empty(0, 16))
    assert codes.values.shape == codes.indices.shape == (0, 4)


def test_a_row_has_the_same_codes_at_every_place():
    encoder = TiledEncoder(random_topk(16, 40, 4))
    x = torch.randn(300, 16, generator=torch.Generator().manual_seed(2))
    whole = encoder.encode(x)
    for start in (1, 100, 299):
        assert torch.equal(encoder.encode(x[start:]).values, whole.values[start:])


def test_states_are_the_blocks_after_the_source(folders):
    adapter = load_adapter(folders.model_dir)
    tail = Tail(adapter, 0, {3: random_topk(32, 24, 4, layer=3), 2: random_topk(32, 24, 4, layer=2)})
    hidden = torch.randn(2, 9, 32, generator=torch.Generator().manual_seed(3))
    found = dict(tail.states(hidden))
    assert list(found) == [2, 3]
    assert torch.equal(found[3], run_blocks(adapter, hidden, 1, 4))


class Uneven:
    """An adapter whose block depends on the place in batches of more than two rows, as some kernels do."""

    def blocks(self, hidden, first, stop, lengths=None):
        for _ in range(first, stop):
            noise = torch.arange(len(hidden)) * (len(hidden) > 2) * 1e-3
            hidden = hidden + noise[:, None, None]
            yield hidden


def test_a_batch_whose_places_differ_is_made_smaller():
    tail = Tail(Uneven(), 0, {1: random_topk(16, 40, 4, layer=1)})
    hidden = torch.randn(10, 16, generator=torch.Generator().manual_seed(4))
    assert clean_cell(tail, 7, hidden, NOWHERE, batch_tokens=85).batch_rows == 2


def test_a_cell_longer_than_a_batch_still_runs():
    tail = Tail(Uneven(), 0, {1: random_topk(16, 40, 4, layer=1)})
    assert clean_cell(tail, 7, torch.zeros(10, 16), NOWHERE, batch_tokens=3).batch_rows == 1
