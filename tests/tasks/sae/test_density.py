"""Every feature is counted once, in the bin that its density lies in."""

import numpy as np
import pytest
import torch

from tasks.sae.density import N_BINS, density_rows


def test_bins_hold_what_lies_between_their_edges() -> None:
    fires = torch.randint(0, 1000, (300,), generator=torch.Generator().manual_seed(1)) ** 2 // 500
    frame = density_rows("a", fires, 2000)
    assert frame["n_features"].sum() == 300
    assert frame["n_features"][0] == int((fires == 0).sum()) > 0
    for row in frame.filter(frame["bin"] > 0).iter_rows(named=True):
        inside = [10 ** row["low"] < int(count) / 2000 <= 10 ** row["high"] for count in fires]
        assert row["n_features"] == sum(inside), row


def test_bins_lie_side_by_side_up_to_every_position() -> None:
    frame = density_rows("a", torch.tensor([5]), 5)
    assert frame.height == N_BINS == 33
    assert (frame["low"][1], frame["high"][-1]) == (-8, 0)
    np.testing.assert_array_equal(frame["high"][1:-1], frame["low"][2:])
    assert frame["n_features"][-1] == 1


@pytest.mark.parametrize(("count", "above"), [(10, 0), (11, 1)])
def test_a_tenth_of_the_positions_is_an_edge(count: int, above: int) -> None:
    frame = density_rows("a", torch.tensor([count]), 100)
    assert frame.filter(frame["low"] >= -1)["n_features"].sum() == above
