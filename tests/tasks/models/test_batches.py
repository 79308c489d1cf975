"""Batches of like length."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tasks.models.batches import Batch, one_cell, pad_batch, pad_rows, plan_batches, take_cells
from tasks.vocabulary.vocabulary import Encoding
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
    batch = pad_batch(cells, np.array([2, 0]), tiny_vocabulary(60), "cpu")
    assert (batch.tokens.shape, batch.tokens.dtype, batch.lengths.tolist()) == ((2, 10), torch.int64, [5, 10])
    assert batch.tokens[0].tolist() == [*cells.cell(2).tolist(), 0, 0, 0, 0, 0]
    assert batch.tokens[1].tolist() == cells.cell(0).tolist()
    assert batch.values is None


def test_values_are_padded_with_the_value_of_padding(cells):
    valued = replace(cells, values=np.arange(len(cells.tokens), dtype=np.float32))
    vocabulary = replace(tiny_vocabulary(60), encoding=Encoding("bins", special_values={"<pad>": -2.0}))
    batch = pad_batch(valued, np.array([2, 0]), vocabulary, "cpu")
    assert batch.values[0].tolist() == [*valued.cell_values(2).tolist(), -2, -2, -2, -2, -2]
    assert batch.values[1].tolist() == list(range(10))
    alone = one_cell(valued, 2)
    assert (alone.tokens[0].tolist(), alone.values[0].tolist()) == (cells.cell(2).tolist(), list(range(40, 45)))
    np.testing.assert_array_equal(take_cells(valued, np.array([2, 0])).cell_values(0), valued.cell_values(2))


def test_marks_are_padded_like_tokens(cells):
    marks = cells.tokens % 2 == 1
    padded = pad_rows(marks, cells, np.array([2, 0]), False)
    assert padded.tolist() == [[*marks[40:45].tolist(), *[False] * 5], marks[:10].tolist()]


def test_attention_needs_lengths_only_with_padding():
    tokens = torch.zeros(2, 4, dtype=torch.long)
    assert Batch(tokens, torch.tensor([4, 4])).keys is None
    assert Batch(tokens, torch.tensor([4, 3])).keys.tolist() == [4, 3]


def test_taken_cells_keep_their_tokens(cells):
    taken = take_cells(cells, np.array([5, 1]))
    assert taken.cell_id.tolist() == [15, 3]
    for i, row in enumerate((5, 1)):
        np.testing.assert_array_equal(taken.cell(i), cells.cell(row))
    assert take_cells(cells, np.array([], dtype=np.int64)).n_cells == 0
