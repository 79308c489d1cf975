"""What an ablation puts in the place of a feature's activations, at the positions where it is active.

zero      nothing: the feature is taken out.
mean      its mean over all gene positions of the traced cells, those included where it is silent.
resample  at every position one of its own active values in the traced cells, drawn by seed, each as likely.
scale     its activation times a dose, ``trace.multiplier``.

1. A feature fires at few positions, so that its mean is small, and ``mean`` takes nearly all of it out; what stays is
   what the model is used to on average. A mean over active positions alone would leave the feature's average strength
   where it was: positions are then raised as often as lowered, and effects of either sign cancel.
2. That is the question of ``resample``: does it matter how strongly the feature fires, or only that it does? Changes
   have no direction, so the sign of an effect says nothing of support (``sense_of``).
3. A position that already has the value that it is given is not moved at all. Controls and companions displace by the
   same amounts at the same positions, the drawn ones included, along other directions.
4. Values are drawn for a feature in a cell by a seed of their own: neither blocks nor other features matter.
"""

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from tasks.causal.cell import SourceState
from tasks.causal.effects import Change, scaled
from tasks.trace.settings import TraceSettings

DRAWN = 8  # stream of the trace's seed


def change_of(settings: TraceSettings, layer: int, states: list[SourceState]) -> Change:
    """By how much the source layer's activations change; ``states`` are all traced cells."""
    if settings.ablation == "mean":
        return Observed(states).to_mean
    if settings.ablation == "resample":
        return Observed(states, (settings.seed, layer, DRAWN)).to_drawn
    return scaled(settings.multiplier)


class Observed:
    """The activations of a layer's features in all traced cells."""

    def __init__(self, states: list[SourceState], seed: tuple[int, ...] = ()) -> None:
        self.states, self.seed = states, seed

    @cached_property
    def n_positions(self) -> int:
        """Gene positions of all cells."""
        return sum(len(state.genes) for state in self.states)

    @cached_property
    def active(self) -> dict[int, Tensor]:
        """By feature: its active values, float32, in the order of cells and positions."""
        features = torch.cat([torch.repeat_interleave(s.sites.features, s.sites.offsets.diff()) for s in self.states])
        values = torch.cat([state.sites.activations for state in self.states])
        order = torch.argsort(features, stable=True)
        named, counts = torch.unique_consecutive(features[order], return_counts=True)
        return dict(zip(named.tolist(), torch.split(values[order], counts.tolist()), strict=True))

    def mean(self, feature: int) -> float:
        """Mean activation over all gene positions of the traced cells."""
        return float(self.active[feature].double().sum()) / self.n_positions

    def to_mean(self, state: SourceState, site: int) -> Tensor:
        """Change [P] of the activations at a site to the feature's mean."""
        own = state.sites.at(site)[1]
        return torch.full_like(own, self.mean(int(state.sites.features[site]))) - own

    def to_drawn(self, state: SourceState, site: int) -> Tensor:
        """Change [P] of the activations at a site to values drawn among the feature's active ones."""
        feature, own = int(state.sites.features[site]), state.sites.at(site)[1]
        pool = self.active[feature]
        rng = np.random.default_rng([*self.seed, feature, state.cell_id])
        return pool[torch.from_numpy(rng.integers(len(pool), size=len(own)))] - own
