"""States read from disk, against the tensor in memory."""

import numpy as np
import pytest
import torch
from torch import Tensor

from tasks.activations import streamed
from tasks.activations.reader import ActivationReader
from tasks.activations.streamed import StreamedStates
from tests.builders.activations import write_activations

N, WIDTH = 700, 6
ROW = 2 * WIDTH  # bytes
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> ActivationReader:
    rng = np.random.default_rng(0)
    states = {layer: rng.standard_normal((N, WIDTH)) for layer in (3, 4)}
    return ActivationReader(write_activations(tmp_path_factory.mktemp("runs") / "activations-1", states, n_chunks=3))


@pytest.fixture(params=[(2**22, 2**15), (40 * ROW, 3 * ROW), (1, 1)], ids=["one piece", "pieces", "row by row"])
def states(request, reader: ActivationReader, monkeypatch: pytest.MonkeyPatch) -> StreamedStates:
    """Read in pieces of several sizes; half the budget holds 100 rows."""
    for name, value in zip(("PIECE", "GAP"), request.param, strict=True):
        monkeypatch.setattr(streamed, name, value)
    return StreamedStates(reader, 4, CPU, budget=2 * 100 * ROW)


def drawn(n: int, most: int = N) -> Tensor:
    return torch.from_numpy(np.random.default_rng(1).integers(0, most, n))


@pytest.mark.parametrize(
    "rows",
    [drawn(500), torch.randperm(N, generator=torch.Generator().manual_seed(0)), torch.arange(N)[::90],
     torch.tensor([N - 1, 0, 0, 350]), torch.tensor([], dtype=torch.long)],
    ids=["with repeats", "all, shuffled", "few, ascending", "ends", "none"],
)  # fmt: skip
def test_rows_are_those_of_the_tensor(states: StreamedStates, reader: ActivationReader, rows: Tensor) -> None:
    assert states.shape == (N, WIDTH)
    assert torch.equal(states[rows], reader.load(4)[rows])


@pytest.mark.parametrize("sizes", [[30] * 20 + [7], [250, 250, 1], [100], []])
def test_batches_in_turn_are_those_of_the_tensor(states: StreamedStates, reader: ActivationReader, sizes: list) -> None:
    """With windows of three batches, of one that is too large, of one that just fits."""
    batches, whole = drawn(sum(sizes)).split(sizes), reader.load(4)
    found = list(states.in_turn(batches))
    assert len(found) == len(sizes)
    assert all(torch.equal(each, whole[rows]) for each, rows in zip(found, batches, strict=True))


def test_no_more_is_read_ahead_than_the_budget_holds(states: StreamedStates, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, read = [], StreamedStates._read
    monkeypatch.setattr(StreamedStates, "_read", lambda self, rows: (asked.append(len(rows)), read(self, rows))[1])
    coming = states.in_turn(drawn(900).split(30))
    next(coming)
    next(coming)
    coming.close()
    assert asked in ([90], [90, 90])  # one window in use, one being filled or not begun
