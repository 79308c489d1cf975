"""Features of one layer or of several changed together, in the order of layers.

A feature of a later layer acts with the activation that it has once the earlier changes have been made: its layer's
output is encoded anew in every copy, and what the change says is done to what it finds there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from tasks.causal.displacement import Displacement
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change, reconstructed, together
from tasks.interventions.copies import Copies, Onward


@dataclass(frozen=True)
class Plan:
    """What is done to a copy: ``here``, at the layer of the copies, and at ``later`` ones."""

    here: Displacement
    later: Mapping[int, Onward] = field(default_factory=dict)

    @classmethod
    def nothing(cls, copies: Copies) -> "Plan":
        """Nothing anywhere."""
        return cls(Displacement(copies.genes[:0].cpu(), copies.hidden[:0].cpu()))


@dataclass(frozen=True)
class Joint:
    """Changes at the layer of the copies, one at least, and at later ones; ``encoders`` read all of these."""

    changes: Sequence[Change]
    encoders: Mapping[int, TiledEncoder]

    @property
    def layers(self) -> list[int]:
        """Layers at which something is changed, ascending."""
        return sorted({one.layer for one in self.changes})

    def plan(self, copies: Copies, directions: Mapping[int, Tensor]) -> Plan:
        """Along ``directions`` [F, d] of each layer, on the CPU: features' own, or what a control puts there."""

        def at(layer: int, sites: Sites) -> Displacement:
            own = [one for one in self.changes if one.layer == layer]
            return together([one.displacement(sites, copies.genes, directions[layer][one.feature]) for one in own])

        def onward(layer: int) -> Onward:
            encoder, genes = self.encoders[layer], copies.genes
            return lambda hidden: at(layer, Sites.of(encoder.encode(hidden[genes]), genes))

        first, *rest = self.layers
        return Plan(at(first, copies.sites), {layer: onward(layer) for layer in rest})

    def reconstruction(self, copies: Copies) -> Plan:
        """No feature changed: outputs of the same layers replaced by what autoencoders make of them."""

        def onward(layer: int) -> Onward:
            return lambda hidden: reconstructed(hidden, copies.genes, self.encoders[layer])

        first, *rest = self.layers
        return Plan(onward(first)(copies.hidden), {layer: onward(layer) for layer in rest})


def states_of(copies: Copies, plans: Sequence[Plan], layers: set[int]) -> list[dict[int, Tensor]]:
    """Outputs [S, d] of ``layers`` in a copy for every plan."""
    return list(copies.states([one.here for one in plans], layers, [one.later for one in plans]))
