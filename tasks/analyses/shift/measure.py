"""Embeddings of one cell, undisturbed and under every condition.

1. The cell runs up to the layer once (``tasks.interventions.copies``); features are read at its genes.
2. A condition adds, at the genes p, the sum over its features of (a'_pf - a_pf) w_f. scale: a' = value a; clamp: a' =
   value times the feature's 99th percentile where a > 0; clamp_all: at every gene. What the autoencoder does not
   reconstruct, and all other features, stay.
3. published: a' = value where a > 0, and x_hat - x is added too, x_hat the reconstruction of the undisturbed output x.
   published_together: the same with the codes that the cell has beside others (``together``).
4. The copies run through the later blocks side by side, and the model embeds each. Where nothing is added, the
   embedding is bit for bit that of the undisturbed cell.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tasks.analyses.shift.conditions import ALONG, COVARIANCE, DIRECTION, Condition
from tasks.analyses.shift.together import displaced
from tasks.causal.displacement import Displacement
from tasks.causal.tiles import TiledEncoder
from tasks.interventions.change import Change, together
from tasks.interventions.copies import Copies
from tasks.interventions.readout import embedding
from tasks.models import Adapter
from tasks.models.batches import Batch
from tasks.trace.controls import covariant_directions, random_directions

STREAMS = {DIRECTION: 2, COVARIANCE: 3}  # of the seed


class Bench:
    """What is the same for every cell: ``ceiling`` [F], units of clamping; directions of controls by arm and draw."""

    def __init__(
        self,
        adapter: Adapter,
        encoder: TiledEncoder,
        conditions: Sequence[Condition],
        ceiling: NDArray[np.float64],
        seed: int,
        bars: Mapping[int, float] | None = None,
        states: Sequence[Tensor] = (),
    ) -> None:
        """``bars``: by cell, above what its codes are active beside others; only published_together asks for it.

        ``states``: outputs [S, d] of the layer in some cells; only arm covariance asks for them.
        """
        self.bars, self.states = bars or {}, list(states)
        self.adapter, self.encoder, self.conditions, self.ceiling = adapter, encoder, conditions, ceiling
        self._seed = [seed, encoder.sae.layer]

    @cached_property
    def own(self) -> Tensor:
        """W_dec [F, d], on the CPU."""
        return self.encoder.sae.W_dec.detach().cpu()

    @cached_property
    def drawn(self) -> dict[tuple[str, int], Tensor]:
        """By arm and draw, W_dec with other directions in place of the features that are changed along them."""
        ways = sorted({(one.arm, one.draw) for one in self.conditions if one.arm in ALONG})
        features = sorted({feature for one in self.conditions if one.arm in ALONG for feature in one.features})
        found = {}
        for arm, draw in ways:
            seed = [*self._seed, STREAMS[arm], draw]
            if arm == DIRECTION:
                found[arm, draw] = random_directions(self.own, features, seed)
            else:
                found[arm, draw] = covariant_directions(self.own, features, self.states, seed)
        return found

    def embeddings(self, cell: Batch, cell_id: int = 0) -> NDArray[np.float32]:
        """Embeddings [c, e] of a batch of one cell under every condition."""
        copies = Copies.of(self.adapter, self.encoder.sae.layer, self.encoder, cell)
        added = [self.displacement(one, copies, cell_id) for one in self.conditions]
        moved = [one for one in added if len(one.positions)]
        finals = copies.finals(moved)
        found = [embedding(self.adapter, next(finals) if len(one.positions) else copies.final, cell) for one in added]
        return torch.stack(found).float().cpu().numpy()

    def displacement(self, one: Condition, copies: Copies, cell_id: int = 0) -> Displacement:
        """Steps 2 and 3: what a condition adds to a cell."""
        rows = self.drawn[one.arm, one.draw] if one.arm in ALONG else self.own
        if one.mode == "published_together":
            return displaced(self.encoder, copies, self.bars[cell_id], one.features, one.value, rows)
        parts = [
            self._change(one, feature).displacement(copies.sites, copies.genes, rows[feature])
            for feature in one.features
        ]
        if one.mode == "published":
            parts.append(error_dropped(self.encoder, copies))
        nothing = Displacement(copies.sites.positions[:0], self.own[:0])
        return together([nothing, *parts])

    def _change(self, one: Condition, feature: int) -> Change:
        layer = self.encoder.sae.layer
        if one.mode == "scale":
            return Change(layer, feature, "scale", one.value)
        if one.mode == "published" or one.mode == "published_together":  # noqa: PLR1714 - narrows the type
            return Change(layer, feature, "clamp", one.value)
        return Change(layer, feature, one.mode, one.value * float(self.ceiling[feature]))


@torch.inference_mode()
def error_dropped(encoder: TiledEncoder, copies: Copies) -> Displacement:
    """What leads from the layer's output at the genes to its reconstruction."""
    states = copies.hidden[copies.genes]
    made = encoder.sae.decode(encoder.encode(states))
    return Displacement(copies.genes.cpu(), (made - states).cpu())
