"""What every condition of every set does in one cell.

1. A set is measured where all its members are active in the undisturbed cell: only there can each do its part.
2. All conditions of a set are read at the same positions, those where any member is active in the undisturbed cell.
   Only so can a joint effect be held against the sum of single ones.
3. An effect is the mean change of a target feature's code over these positions, rounded and floored as in every trace.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tasks.combine.sets import Combination, Condition, Subset
from tasks.combine.walk import Walk
from tasks.trace.engine.change import mean_change
from tasks.trace.engine.displacement import Rows
from tasks.trace.engine.effects import above_floor
from tasks.trace.engine.sites import Sites
from tasks.trace.engine.tiles import TiledEncoder


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
    undisturbed: dict[int, Tensor] = {}
    for condition, layer, hidden in walk.states(set(wanted)):
        if not condition:
            undisturbed[layer] = hidden
        for each, subset in wanted.get(condition, []):
            if layer > each.deepest:
                at = active_positions(each, walk.clean).to(hidden.device)
                change = _change(encoders[layer], hidden[at], undisturbed[layer][at])
                yield Effect(each.name, subset, layer, above_floor(change.float(), floor).cpu())


def active_positions(combination: Combination, sites: dict[int, Sites]) -> Tensor:
    """Positions int64, ascending, where any member is active; ``sites`` by layer."""
    found = []
    for each in combination.members:
        at = sites[each.layer]
        found += [at.at(site)[0] for site in at.among(torch.tensor([each.feature])).tolist()]
    positions: Tensor = torch.unique(torch.cat(found))
    return positions


def _change(encoder: TiledEncoder, changed: Tensor, clean: Tensor) -> Tensor:
    """Mean change float64 [F] of the codes of rows [P, d]."""
    n = len(changed)
    every = torch.arange(n, device=changed.device)
    rows = Rows(torch.zeros_like(every), torch.tensor([n]), every, changed)
    change: Tensor = mean_change(encoder.encode(changed), encoder.encode(clean), rows, encoder.sae.n_features)[0]
    return change
