"""A circuit for controls: targets see how a position was moved, and nothing of the displacement reaches them itself.

A target's output is 10 + m c_j, c_j its context in the undisturbed cell, and m by kind of target:

    source      how far the source was moved, if nothing else was: no other direction does anything
    size        the length of the displacement, whatever its direction: any does as much
    direction   its part along a reading direction of the target: any fixed one does as much, fresh noise cancels
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tasks.trace.inputs import TraceInputs
from tests.builders.planted_circuits import Circuit, PlantedBlock, PlantedModel

ALONE = 1e-3  # of a displacement, what may lie off the source's own direction


@dataclass(frozen=True)
class ShieldedCircuit(Circuit):
    """``Circuit`` with such targets."""

    def inputs(self, seed: int) -> TraceInputs:
        plain = super().inputs(seed)
        model = plain.adapter
        return replace(plain, adapter=ShieldedModel(model.table, model.source_of, model.reading))


class ShieldedModel(PlantedModel):
    """Its second block answers displacements as the module says."""

    def block(self, layer: int) -> PlantedBlock:
        return ShieldedBlock(self, multiplies=layer == 1)


class ShieldedBlock(PlantedBlock):
    """The block that answers."""

    def finish(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        if not self.multiplies:
            return hidden
        rows = hidden.reshape(-1, hidden.shape[-1])
        clean = self.model.table[torch.cdist(rows, self.model.table).argmin(1)]
        moved = rows - clean
        n_targets = len(self.source_of)
        source, target, context = clean.split([clean.shape[1] - 2 * n_targets, n_targets, n_targets], dim=1)
        own = moved[:, self.source_of]
        rest = (moved.norm(dim=1, keepdim=True) ** 2 - own**2).clamp_min(0).sqrt()
        alone = torch.where(rest <= ALONE * own.abs(), own, 0.0)
        reading = self.model.reading
        size = moved.norm(dim=1, keepdim=True).expand_as(own)
        answers = torch.where(reading["size"], size, alone)
        answers = torch.where(reading["direction"], moved @ reading["reading"], answers)
        return torch.cat([source, target + answers * context, context], dim=1).view_as(hidden)
