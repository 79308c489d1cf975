"""Many conditions of one cell, each part of the way run once.

Conditions that begin alike are one until they part. The walk goes depth first from the embedding: it runs blocks up to
the next layer at which some condition changes something, and follows every way on from there in turn, the undisturbed
one first. It holds one state for each layer at which conditions part, whatever their number.

Features act in the order of layers, each on the stream as it then is: an activation is read from the state that earlier
interventions have left. A state [1, S, d] is run alone, so that no other condition changes how its sums round, and a
condition with nothing to displace ends bit for bit where the undisturbed cell does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

import torch
from torch import Tensor

from tasks.causal.displacement import scale_feature
from tasks.causal.sites import Sites
from tasks.causal.tiles import TiledEncoder
from tasks.combine.sets import Condition, Intervention
from tasks.combine.turned import Place
from tasks.models import Adapter
from tasks.models.batches import Batch


@dataclass(frozen=True)
class Walk:
    """One cell as a batch of one; ``encoders`` read the layers of interventions, states of ``targets`` are wanted.

    ``clean`` gets the sites of every intervened layer in the undisturbed cell, before anything is disturbed;
    ``turned``: directions [d] that stand in the place of features' own in controls.
    """

    adapter: Adapter
    encoders: dict[int, TiledEncoder]
    targets: frozenset[int]
    cell: Batch
    clean: dict[int, Sites] = field(default_factory=dict)
    turned: Mapping[Place, Tensor] = field(default_factory=dict)

    @cached_property
    def genes(self) -> Tensor:
        """Gene positions int64."""
        return self.adapter.is_gene(self.cell.tokens[0]).nonzero().flatten()

    @torch.inference_mode()
    def states(self, conditions: set[Condition]) -> Iterator[tuple[Condition, int, Tensor]]:
        """Yield (condition, target layer, its output [S, d]), the undisturbed condition ``()`` before all others.

        Target layers before a condition's last intervention are yielded for its beginning.
        """
        yield from self._onward(self.adapter.embed(self.cell), 0, (), [(), *sorted(conditions)])

    def _onward(
        self, hidden: Tensor, block: int, before: Condition, conditions: list[Condition]
    ) -> Iterator[tuple[Condition, int, Tensor]]:
        """From the input of ``block``, for ``conditions`` that begin with ``before``."""
        layers = [each[len(before)].layer for each in conditions if len(each) > len(before)]
        stop = min(layers, default=max(self.targets))
        outputs = enumerate(self.adapter.blocks(hidden, block, stop + 1), start=block)
        del hidden  # of two states a layer, only the later one is needed further on
        for layer, state in outputs:
            if layer in self.targets:
                yield before, layer, state[0]
        if not layers:
            return
        sites = Sites.of(self.encoders[stop].encode(state[0, self.genes]), self.genes)
        if not before:
            self.clean[stop] = sites

        def at_stop(condition: Condition) -> Condition:
            return tuple(each for each in condition[len(before) :] if each.layer == stop)

        for here, group in groupby(sorted(conditions, key=at_stop), key=at_stop):
            yield from self._onward(self._disturbed(state, sites, here), stop + 1, before + here, list(group))

    def _disturbed(self, hidden: Tensor, sites: Sites, here: Condition) -> Tensor:
        """A state [1, S, d] after the interventions of one layer, all read from ``sites``."""
        if not here:
            return hidden
        hidden = hidden.clone()
        for each in here:
            for site in sites.among(torch.tensor([each.feature])).tolist():
                moved = scale_feature(*sites.at(site), self._direction(each), each.multiplier)
                hidden[0, moved.positions.to(hidden.device)] += moved.values.to(hidden)
        return hidden

    def _direction(self, each: Intervention) -> Tensor:
        if each.along:
            return self.turned[each.along, each.layer, each.feature]
        own: Tensor = self.encoders[each.layer].sae.W_dec[each.feature].cpu()
        return own
