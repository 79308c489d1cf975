"""What is done to a shown cell: features taken out, and the controls of each.

    real                 the feature's activations times the multiplier, along its own direction
    zero                 the same positions moved by nothing: every read-out must stay bit for bit
    random_direction     as real, along one fixed isotropic direction of the same length
    covariance_matched   as real, along one fixed direction drawn from the covariance of the layer's outputs
    frequency_matched    another feature that fires about as often, taken out
    reconstruction       no feature changed: the cell's states replaced by what the autoencoder makes of them

``random_directions`` and ``covariant_directions`` of step trace draw the directions; each is fixed for all cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.analyses.patching.features import Patched
from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change, activity, reconstructed
from tasks.interventions.copies import Copies
from tasks.trace.controls import COVARIANT, ISOTROPIC, covariant_directions, random_directions

ALONG = ("real", "random_direction", "covariance_matched")
SHARED = ("zero", "reconstruction")  # one copy of a cell stands for all features
EVERY = -1  # in place of a feature, where a copy stands for all


@dataclass(frozen=True)
class Copy:
    """One changed copy: its treatment, the feature it counts for (EVERY of shared ones), and what is added."""

    treatment: str
    feature: int
    displacement: Displacement


@dataclass(frozen=True)
class Treatments:
    """``directions``: [F, d] on the CPU by treatment; ``matched``: the feature that stands for each as control."""

    features: tuple[int, ...]
    layer: int
    multiplier: float
    directions: dict[str, Tensor]
    matched: dict[int, int]

    @classmethod
    def of(
        cls, patched: list[Patched], encoder: TiledEncoder, states: list[Tensor], multiplier: float, seed: int
    ) -> "Treatments":
        """Draw the controls' directions; ``states`` [S, d] are outputs of the layer in some cells."""
        sae, features = encoder.sae, [one.feature for one in patched]
        real = sae.W_dec.detach().cpu()
        directions = {
            "real": real,
            "random_direction": random_directions(real, features, [seed, sae.layer, ISOTROPIC]),
            "covariance_matched": covariant_directions(real, features, states, [seed, sae.layer, COVARIANT]),
        }
        matched = {one.feature: one.matched for one in patched if one.matched is not None}
        return cls(tuple(features), sae.layer, multiplier, directions, matched)

    def active(self, copies: Copies) -> list[int]:
        """Patched features that are active in the cell."""
        return [feature for feature in self.features if len(activity(copies.sites, feature)[0])]

    def of_cell(self, copies: Copies, encoder: TiledEncoder, active: list[int], controls: bool) -> Iterator[Copy]:
        """Copies for the features that are ``active``; without ``controls``, those of ALONG only."""
        for feature in active:
            for name in ALONG:
                yield Copy(name, feature, self._scaled(copies, feature, self.directions[name][feature]))
            other = self.matched.get(feature)
            if controls and other is not None and len(activity(copies.sites, other)[0]):
                own = self.directions["real"][other]
                yield Copy("frequency_matched", feature, self._scaled(copies, other, own))
        if controls and active:
            yield Copy("zero", EVERY, _nothing(copies))
            yield Copy("reconstruction", EVERY, reconstructed(copies.hidden, copies.genes, encoder))

    def _scaled(self, copies: Copies, feature: int, direction: Tensor) -> Displacement:
        change = Change(self.layer, feature, "scale", self.multiplier)
        return change.displacement(copies.sites, copies.genes, direction)


def _nothing(copies: Copies) -> Displacement:
    at = copies.genes.cpu()
    return Displacement(at, torch.zeros(len(at), copies.hidden.shape[1]))
