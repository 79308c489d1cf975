"""Directions that stand in the place of features' own in the controls of sets: as long as theirs, alike in all cells.

A set along such directions says what displacements of its size at its positions do together, whatever they mean.
"""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from tasks.combine.sets import Combination
from tasks.models import Adapter
from tasks.models.adapter import layer_output
from tasks.models.batches import Batch
from tasks.sae import Sae
from tasks.trace.controls import covariant_directions, random_directions

STREAMS = {"random_direction": 6, "covariance_matched": 7}  # of the seed
STATES = 8  # cells whose states say how a layer's outputs vary
Place = tuple[str, int, int]  # control, layer and feature


@torch.inference_mode()
def turned_directions(
    adapter: Adapter, saes: Mapping[int, Sae], cells: Sequence[Batch], sets: Iterable[Combination], seed: int
) -> dict[Place, Tensor]:
    """A direction [d], on the CPU, for every member of a set that is a control."""
    members = {(one.along, one.layer, one.feature) for each in sets for one in each.members if one.along}
    found: dict[Place, Tensor] = {}
    for control, layer in sorted({(control, layer) for control, layer, _ in members}):
        features = sorted(feature for *place, feature in members if place == [control, layer])
        own, stream = saes[layer].W_dec.detach().cpu(), [seed, STREAMS[control], layer]
        if control == "random_direction":
            drawn = random_directions(own, features, stream)
        else:
            states = [layer_output(adapter, cell, layer) for cell in cells[:STATES]]
            drawn = covariant_directions(own, features, states, stream)
        found |= {(control, layer, feature): drawn[feature] for feature in features}
    return found
