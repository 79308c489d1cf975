"""What every condition of every set does in one cell.

1. A set is measured where all its members are active in the undisturbed cell: only there can each do its part.
2. All conditions of a set are read at the same positions, those where any member is active in the undisturbed cell.
   Only so can a joint effect be held against the sum of single ones.
3. An effect is the mean change of a target feature's code over these positions, rounded and floored as in every trace.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tasks.causal.change import mean_change
from tasks.causal.displacement import Rows
from tasks.causal.effects import above_floor
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.combine.sets import Combination, Condition, Subset
from tasks.combine.walk import Walk
from tasks.sae import SparseCodes


@dataclass(frozen=True)
class Effect:
    """Effects float32 [F] of a subset of a set's members on the features of a target layer, in one cell."""

    combination: str
    subset: Subset
    layer: int
    values: Tensor


def cell_effects(
    walk: Walk, encoders: dict[int, TiledEncoder], combinations: list[Combination], floor: float
) -> Iterator[Effect]:
    """Yield all effects of sets whose members are all active in the cell.

    ``encoders`` are those of the target layers; of a set, layers deeper than its deepest member are read.
    """
    wanted: dict[Condition, list[tuple[Combination, Subset]]] = {}
    for each in combinations:
        for subset in each.subsets:
            wanted.setdefault(each.condition(subset), []).append((each, subset))
    undisturbed = _Undisturbed(walk, encoders)
    for condition, layer, hidden in walk.states(set(wanted)):
        if not condition:
            undisturbed.states[layer] = hidden
        for each, subset in wanted.get(condition, []):
            if layer > each.deepest:
                at, clean = undisturbed.read(each, layer)
                change = _change(encoders[layer], hidden[at], clean)
                yield Effect(each.name, subset, layer, above_floor(change.float(), floor).cpu())


@dataclass
class _Undisturbed:
    """What all conditions of a set are compared with, encoded once: ``states`` [S, d] by target layer."""

    walk: Walk
    encoders: dict[int, TiledEncoder]
    states: dict[int, Tensor] = field(default_factory=dict)
    _codes: dict[tuple[str, int], tuple[Tensor, SparseCodes]] = field(default_factory=dict)

    def read(self, each: Combination, layer: int) -> tuple[Tensor, SparseCodes]:
        """Positions int64 [P] at which a set is read, and the codes of a target layer there."""
        if (each.name, layer) not in self._codes:
            state = self.states[layer]
            at = active_positions(each, self.walk.clean).to(state.device)
            self._codes[each.name, layer] = at, self.encoders[layer].encode(state[at])
        return self._codes[each.name, layer]


def active_positions(combination: Combination, sites: dict[int, Sites]) -> Tensor:
    """Positions int64, ascending, where any member is active; ``sites`` by layer."""
    found = []
    for each in combination.members:
        at = sites[each.layer]
        found += [at.at(site)[0] for site in at.among(torch.tensor([each.feature])).tolist()]
    positions: Tensor = torch.unique(torch.cat(found))
    return positions


def _change(encoder: TiledEncoder, changed: Tensor, clean: SparseCodes) -> Tensor:
    """Mean change float64 [F] from the ``clean`` codes of P rows to those of ``changed`` [P, d]."""
    n = len(changed)
    every = torch.arange(n, device=changed.device)
    rows = Rows(torch.zeros_like(every), torch.tensor([n]), every, changed)
    change: Tensor = mean_change(encoder.encode(changed), clean, rows, encoder.sae.n_features)[0]
    return change
