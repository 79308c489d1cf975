"""Features by cell against a loop over cells."""

import numpy as np
import pytest

from tasks.codes.axes import read_axes
from tasks.codes.of_cells import summarise_by_cell
from tasks.codes.reader import CodesReader
from tests.builders.codes import write_codes
from tests.builders.describe import N_FEATURES, make_world, write_inputs


@pytest.mark.parametrize("summary", ["mean", "max"])
@pytest.mark.parametrize("features", [[3], [7, 2, 11], list(range(N_FEATURES)), [N_FEATURES - 1, 0]])
def test_each_cell_has_the_mean_or_the_largest_of_its_positions(tmp_path, summary, features):
    world = make_world()
    inputs = write_inputs(tmp_path, world)
    axes = read_axes(inputs["activations"], inputs["cells"])
    codes = CodesReader(write_codes(tmp_path / "codes-0", world.codes, n_chunks=3))
    found = summarise_by_cell(codes, axes, features, summary)
    slow = np.zeros((len(axes.cell_id), len(features)))
    for i, cell in enumerate(axes.cell_id):
        own = world.codes[np.asarray(world.cell) == cell][:, features]
        slow[i] = own.mean(axis=0) if summary == "mean" else own.max(axis=0)
    assert (slow > 0).any()
    np.testing.assert_allclose(found, slow, rtol=1e-6, atol=1e-9)
