"""What every feature of the panel, and what stands in its place in the controls, does to one cell.

An arm puts a direction at the positions where a feature is active, times its activations there and (alpha - 1):

    feature      its own direction w
    random       one random direction of the length of w, the same in all cells
    signs        w with random signs, the same in all cells
    covariance   one direction of the length of w drawn from the covariance of the layer's outputs, likewise
    matched      the partner's own direction, where the partner is active

The reconstruction error stays as it is. An arm is measured in the cells where its feature is active. The dose is the
length of what is added, as a mean over the cell's genes: |alpha - 1| mean(a) |w|. Two more arms change no feature, so
that all features of a cell share them: ``zero`` adds nothing, and every value must be exactly 0; ``reconstruction``
puts what the autoencoder makes of the layer's output in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.steering.panel import Chosen
from tasks.analyses.steering.step import FEATURE, RECONSTRUCTION, ZERO, SteeringSettings
from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.bank import Bank
from tasks.interventions.change import Change, activity, reconstructed
from tasks.interventions.copies import Copies
from tasks.interventions.states import read_states
from tasks.sae import Sae
from tasks.trace.controls import covariant_directions

Floats = NDArray[np.float64]
DIRECTION_STREAM = {"random": 3, "signs": 4, "covariance": 9}  # of the seed
AT_ONCE = 32  # copies whose states are held together


@dataclass(frozen=True)
class Condition:
    """A feature of the panel, what stands in its place, and the multiplier."""

    chosen: Chosen
    arm: str
    multiplier: float

    def displacement(self, copies: Copies, direction: Tensor) -> "Steered | None":
        """What it adds to a cell; None where its feature is not active."""
        feature = self.chosen.partner if self.arm == "matched" else self.chosen.feature
        if feature is None:
            return None
        change = Change(self.chosen.layer, feature, "scale", self.multiplier)
        moved = change.displacement(copies.sites, copies.genes, direction)
        if not len(moved.positions):
            return None
        return Steered(self, moved)


@dataclass(frozen=True)
class Steered:
    """A condition in one cell, and what is added."""

    condition: Condition
    moved: Displacement


@dataclass(frozen=True)
class Effect:
    """By read-out, what a condition does in one cell, [R]: by the true read-out, and by those of shuffled times.

    The shuffled ones are there for the arm ``feature`` alone.
    """

    condition: Condition
    dose: float
    values: dict[str, Floats]


def conditions(settings: SteeringSettings, panel: list[Chosen]) -> list[Condition]:
    """All that is done: features at all their multipliers, controls at the ones that all features have."""
    found = []
    for one in panel:
        own = settings.every_multiplier if one.rank <= settings.n_dose else sorted(settings.multipliers)
        found += [Condition(one, FEATURE, multiplier) for multiplier in own]
        arms = [arm for arm in settings.controls if arm != "matched" or one.partner is not None]
        found += [Condition(one, arm, multiplier) for arm in arms for multiplier in sorted(set(settings.multipliers))]
    return found


def varying_directions(sae: Sae, panel: list[Chosen], states: list[Tensor], seed: int) -> Tensor:
    """W_dec [F, d] with directions as ``states`` [S, d] of the layer vary in place of those of the panel's features."""
    features = [one.feature for one in panel if one.layer == sae.layer]
    return covariant_directions(sae.W_dec.cpu(), features, states, [seed, DIRECTION_STREAM["covariance"], sae.layer])


def direction_of(condition: Condition, sae: Sae, varying: Tensor, seed: int) -> Tensor:
    """The direction [d] that a condition adds, on the CPU; ``varying`` [F, d]: of arm covariance."""
    one = condition.chosen
    own: Tensor = sae.W_dec[one.feature].cpu()
    if condition.arm == FEATURE:
        return own
    if condition.arm == "covariance":
        return varying[one.feature]
    if condition.arm == "matched":
        return sae.W_dec[one.partner].cpu()
    rng = np.random.default_rng([seed, DIRECTION_STREAM[condition.arm], one.layer, one.feature])
    if condition.arm == "signs":
        return own * torch.from_numpy(rng.choice([-1.0, 1.0], len(own))).to(own)
    drawn = torch.from_numpy(rng.normal(size=len(own))).to(own)
    return torch.mul(drawn, own.norm() / drawn.norm())


def cell_effects(copies: Copies, wanted: list[tuple[Condition, Tensor]], bank: Bank) -> Iterator[Effect]:
    """Yield the effects in one cell, copied at a layer, of conditions of that layer with their directions."""
    found = (condition.displacement(copies, direction) for condition, direction in wanted)
    steered = [one for one in found if one is not None]
    if not steered:
        return
    clean = bank.levels(read_states(copies.adapter, [copies.final], copies.cell))
    for first in range(0, len(steered), AT_ONCE):
        part = steered[first : first + AT_ONCE]
        levels = bank.levels(read_states(copies.adapter, list(copies.finals([one.moved for one in part])), copies.cell))
        for row, one in enumerate(part):
            kept = None if one.condition.arm == FEATURE else 1
            values = {name: (level[row] - clean[name][0])[:kept] for name, level in levels.items()}
            yield Effect(one.condition, _dose(one.moved, copies), values)


def effects_beside(
    copies: Copies, encoder: TiledEncoder, panel: list[Chosen], multipliers: list[float], bank: Bank
) -> Iterator[Effect]:
    """Yield what arms zero and reconstruction do in one cell, for every feature of ``panel`` that is active in it.

    Each runs once. Levels are read from one copy at a time: where nothing is added, they are then equal bit for bit.
    """
    active = [one for one in panel if len(activity(copies.sites, one.feature)[0])]
    if not active:
        return
    at = copies.genes.cpu()
    nothing = Displacement(at, torch.zeros(len(at), copies.hidden.shape[1]))
    moved = {ZERO: nothing, RECONSTRUCTION: reconstructed(copies.hidden, copies.genes, encoder)}
    clean = bank.levels(read_states(copies.adapter, [copies.final], copies.cell))
    for (arm, added), final in zip(moved.items(), copies.finals(list(moved.values())), strict=True):
        levels = bank.levels(read_states(copies.adapter, [final], copies.cell))
        values = {name: (level[0] - clean[name][0])[:1] for name, level in levels.items()}
        for one in active:
            yield from (Effect(Condition(one, arm, by), _dose(added, copies), values) for by in multipliers)


def _dose(moved: Displacement, copies: Copies) -> float:
    return float(moved.values.norm(dim=1).sum() / len(copies.genes))
