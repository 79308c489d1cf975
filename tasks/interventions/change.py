"""What is done to a feature, as vectors that are added to its layer's output.

With activations a [S] of the feature, 0 where it is not active, and its direction w [d], every kind adds (a' - a) w:

    scale           a' = amount a                       0 takes the feature out
    clamp           a' = amount where a > 0             elsewhere nothing
    clamp_all       a' = amount at every gene
    add             a' = a + amount at every gene

What the autoencoder does not reconstruct, and all other features, stay as they are: they cancel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.causal.displacement import Displacement, scale_feature
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.kinds import Kind


@dataclass(frozen=True, order=True)
class Change:
    """One feature of ``layer``, and what is done to it; ``amount`` is a factor (scale) or in units of activation."""

    layer: int
    feature: int
    kind: Kind
    amount: float

    def displacement(self, sites: Sites, genes: Tensor, direction: Tensor) -> Displacement:
        """What is added to a cell whose features are active at ``sites`` and whose gene positions are ``genes`` [G].

        ``direction`` [d], on the CPU, is the feature's row of W_dec, or what a control puts in its place. There are no
        positions where there is nothing to change.
        """
        positions, activations = activity(sites, self.feature)
        if self.kind == "scale":
            return scale_feature(positions, activations, direction, self.amount)
        if self.kind == "clamp":
            return Displacement(positions, (self.amount - activations)[:, None].to(direction) * direction)
        every = genes.cpu()
        difference = torch.full((len(every),), self.amount)
        if self.kind == "clamp_all":
            difference[torch.searchsorted(every, positions)] -= activations.float()
        return Displacement(every, difference[:, None].to(direction) * direction)


def activity(sites: Sites, feature: int) -> tuple[Tensor, Tensor]:
    """Positions int64 [P], ascending, where a feature is active, and its activations [P]; P = 0 if it is nowhere."""
    row = int(torch.searchsorted(sites.features, feature))
    if row == len(sites.features) or int(sites.features[row]) != feature:
        return sites.positions[:0], sites.activations[:0]
    return sites.at(row)


def together(displacements: Sequence[Displacement]) -> Displacement:
    """Several displacements of one layer, one at least, as one: where they meet, their vectors are added."""
    positions, place = torch.unique(torch.cat([each.positions for each in displacements]), return_inverse=True)
    values = torch.cat([each.values for each in displacements])
    summed = torch.zeros(len(positions), values.shape[1], dtype=values.dtype)
    return Displacement(positions, summed.index_add_(0, place, values))


@torch.inference_mode()
def reconstructed(hidden: Tensor, genes: Tensor, encoder: TiledEncoder) -> Displacement:
    """From a layer's output [S, d] at ``genes`` [G] to what the autoencoder makes of it: no feature is changed."""
    states = hidden[genes]
    return Displacement(genes.cpu(), (encoder.sae.decode(encoder.encode(states)) - states).cpu())
