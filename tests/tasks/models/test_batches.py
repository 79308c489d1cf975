"""Batches of like length."""

import numpy as np
import pytest
import torch

from tasks.models.batches import key_lengths, pad_batch, plan_batches, take_cells
from tests.builders.models import random_cells, tiny_vocabulary

LENGTHS = [10, 30, 5, 42, 30, 12, 3]


@pytest.fixture
def cells():
    return random_cells(tiny_vocabulary(60), LENGTHS)


@pytest.mark.parametrize("batch_tokens", [1, 12, 60, 10_000])
def test_every_cell_is_in_one_batch_within_the_limit(batch_tokens):
    lengths = np.array(LENGTHS)
    batches = plan_batches(lengths, batch_tokens)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(LENGTHS)))
    for rows in batches:
        assert len(rows) == 1 or len(rows) * lengths[rows].max() <= batch_tokens
    assert (np.diff(lengths[np.concatenate(batches)]) >= 0).all(), "cells of like length stand together"


def test_a_batch_is_closed_only_when_the_next_cell_would_not_fit():
    assert [len(rows) for rows in plan_batches(np.array([4, 4, 4, 4, 4]), 8)] == [2, 2, 1]


def test_no_cells_make_no_batch():
    assert plan_batches(np.array([], dtype=np.int64), 10) == []


def test_padding_fills_up_to_the_longest(cells):
    tokens, lengths = pad_batch(cells, np.array([2, 0]), 0, "cpu")
    assert (tokens.shape, tokens.dtype, lengths.tolist()) == ((2, 10), torch.int64, [5, 10])
    assert tokens[0].tolist() == [*cells.cell(2).tolist(), 0, 0, 0, 0, 0]
    assert tokens[1].tolist() == cells.cell(0).tolist()


def test_attention_needs_lengths_only_with_padding():
    assert key_lengths(torch.tensor([4, 4]), 4) is None
    assert key_lengths(torch.tensor([4, 3]), 4).tolist() == [4, 3]


def test_taken_cells_keep_their_tokens(cells):
    taken = take_cells(cells, np.array([5, 1]))
    assert taken.cell_id.tolist() == [15, 3]
    for i, row in enumerate((5, 1)):
        np.testing.assert_array_equal(taken.cell(i), cells.cell(row))
    assert take_cells(cells, np.array([], dtype=np.int64)).n_cells == 0
