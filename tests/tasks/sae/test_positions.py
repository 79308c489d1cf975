from pathlib import Path

import numpy as np
import pytest
import torch

from tasks.activations.reader import ActivationIndex, ActivationReader
from tasks.sae.positions import Positions, read_positions
from tasks.sae.settings import SaeSettings
from tasks.store import RequestError
from tests.builders.activations import write_activations
from tests.builders.planted_positions import planted_positions

SETTINGS = SaeSettings()


def test_rows_follow_the_split_of_their_cells(inputs) -> None:
    positions = read_positions(inputs.activations, inputs.cells, 1, "cpu", SETTINGS)
    cell_id = ActivationReader(inputs.activations).index().cell_id.astype(int)
    heldout = {12 * i for i in range(10)}  # cells are numbered 0, 3, 6, …; every fourth is held out
    assert set(cell_id[positions.heldout.numpy()]) == heldout
    assert not heldout & set(cell_id[positions.train.numpy()])
    assert len(positions.train) + len(positions.heldout) == len(cell_id)
    assert torch.equal(positions.hidden, ActivationReader(inputs.activations).load(1))


def test_scale_gives_a_mean_squared_norm_of_the_width() -> None:
    positions, _ = planted_positions(n_train=10_000, n_heldout=10)
    x = positions.rows(positions.train) * positions.input_scale()
    assert float(x.square().sum(1).mean()) == pytest.approx(x.shape[1], rel=1e-5)


def test_mean_over_parts_is_the_mean() -> None:
    positions, _ = planted_positions(n_train=10_000, n_heldout=10)
    expected = positions.hidden[:10_000].double().mean(0).float()
    torch.testing.assert_close(positions.mean(positions.train), expected, rtol=0, atol=1e-6)


def test_zero_activations_are_refused() -> None:
    zeros = Positions(torch.zeros(4, 2).half(), torch.arange(3), torch.arange(3, 4))
    with pytest.raises(RequestError, match="activations of the training cells are zero"):
        zeros.input_scale()


@pytest.mark.parametrize(("cell_id", "missing"), [(0, "train"), (3, "heldout")])
def test_an_empty_part_of_the_split_is_refused(inputs, tmp_path: Path, cell_id: int, missing: str) -> None:
    row = np.arange(30)
    index = ActivationIndex(np.full(30, cell_id, np.uint32), row.astype(np.uint16), row.astype(np.int32))
    write_activations(tmp_path / "activations-1", {0: np.ones((30, 4))}, index)
    with pytest.raises(RequestError, match=f"no position of a {missing} cell"):
        read_positions(tmp_path / "activations-1", inputs.cells, 0, "cpu", SETTINGS)
