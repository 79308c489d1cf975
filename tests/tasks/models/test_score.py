"""Which cells a model is scored on."""

import numpy as np

from tasks.cells.reader import CellsReader
from tasks.models.score import sample_cells, split_cells
from tests.builders.cells import write_cells
from tests.builders.models import random_cells, tiny_vocabulary

LENGTHS = [10, 30, 5, 42, 30, 12, 3, 20]


def test_cells_are_drawn_until_they_hold_the_tokens():
    cells = random_cells(tiny_vocabulary(60), LENGTHS)
    drawn = sample_cells(cells, 60, seed=1)
    assert len(drawn.tokens) >= 60 > len(drawn.tokens) - drawn.lengths.max()
    assert (np.diff(drawn.cell_id.astype(int)) > 0).all()
    assert sample_cells(cells, 10_000, seed=1).n_cells == len(LENGTHS)
    assert sample_cells(cells, 1, seed=1).n_cells == 1


def test_cells_are_split_as_the_cell_table_says(tmp_path):
    vocabulary = tiny_vocabulary()
    folder = write_cells(tmp_path / "cells-1", random_cells(vocabulary, LENGTHS), vocabulary, heldout_every=4)
    train, heldout = split_cells(CellsReader(folder))
    assert heldout.cell_id.tolist() == [0, 12]
    assert train.n_cells == len(LENGTHS) - 2
