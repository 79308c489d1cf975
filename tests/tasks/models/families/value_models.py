"""What the tests of models that read values share: their states, and the twins' of one cell."""

import numpy as np
import torch

from tasks.models.batches import one_cell, pad_batch

LENGTHS = [10, 30, 5, 42, 60]


def states(adapter, batch, mask=True):
    hidden = adapter.embed(batch)
    return [hidden, *adapter.blocks(hidden, 0, adapter.info.n_layers, batch.lengths if mask else None)]


def assert_every_layer(adapter, cells, plain, tolerance):
    """Every cell alone, every layer, against ``plain(tokens, values)``; ``tolerance`` of the states' own size."""
    for i in range(cells.n_cells):
        ours = states(adapter, one_cell(cells, i), mask=False)
        theirs = plain(cells.cell(i), cells.cell_values(i))
        assert len(ours) == len(theirs) == adapter.info.n_layers + 1
        for own, other in zip(ours, theirs, strict=True):
            assert other.std() > 0.01
            np.testing.assert_allclose(own[0].numpy(), other, rtol=0, atol=tolerance * np.abs(other).max())


def assert_companions_change_nothing(adapter, cells):
    batch = pad_batch(cells, np.arange(cells.n_cells), adapter.vocabulary, "cpu")
    together = states(adapter, batch)
    for i, length in enumerate(cells.lengths):
        for batched, alone in zip(together, states(adapter, one_cell(cells, i), False), strict=True):
            torch.testing.assert_close(batched[i, :length], alone[0], rtol=0, atol=1e-5)
    batch.tokens[0, cells.lengths[0] :] = 4
    batch.values[0, cells.lengths[0] :] = 7.0
    for before, after in zip(together, states(adapter, batch), strict=True):
        torch.testing.assert_close(after[0, : cells.lengths[0]], before[0, : cells.lengths[0]], rtol=0, atol=0)
