"""Effects that an engine of any kind measures in one cell, and what every engine has to hold."""

import torch
from torch import Tensor

from tasks.causal.displacement import Displacement


def measured(engine, state, displacements: list[Displacement]) -> dict[int, Tensor]:
    """Effects of all displacements by target layer, batch after batch as the engine cuts them."""
    cell = engine.prepare(state)
    parts = [cell.measure(displacements[batch]) for batch in cell.batches([one.positions for one in displacements])]
    return {layer: torch.cat([part[layer] for part in parts]) for layer in parts[0]}


def assert_neighbours_change_nothing(engine, state, together: list[Displacement]) -> None:
    """Effects are bit for bit those of the reversed order, and those of the sixth displacement alone."""
    forwards = measured(engine, state, together)
    backwards = measured(engine, state, together[::-1])
    alone = measured(engine, state, together[5:6])
    for layer, each in forwards.items():
        assert torch.equal(each, backwards[layer].flip(0))
        assert torch.equal(each[5:6], alone[layer])
